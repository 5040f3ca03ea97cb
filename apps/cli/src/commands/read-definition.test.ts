import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { API_LIMITS } from "@agent-hive/contracts";
import { readDefinition } from "./read-definition.js";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "hive-definitions-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test.each([
  ["a.json", '{"name": 9007199254740993', "json", '{"name": 9007199254740993'],
  ["a.txt", ' {"name": 9007199254740993}', "json", ' {"name": 9007199254740993}'],
  ["a.ndjson", "{}\n{", "ndjson", "{}\n{"],
  ["a.yaml", "name: w\ntasks: [{id: a}]", "json", '{"name":"w","tasks":[{"id":"a"}]}'],
  ["flow.yaml", "{name: w}", "json", '{"name":"w"}'],
])("%s is sent as what it is", async (name, content, format, text) => {
  const packed = await readDefinition(fileWith(`${name}.gz`, gzipSync(content)));
  for (const read of [await readDefinition(fileWith(name, content)), packed])
    expect({ format: read.format, text: read.text.toString() }).toEqual({ format, text });
});

test.each([
  ["broken.yaml", "name: w\ntasks: [{id: a]\n", /neither JSON nor YAML:\n.*at line 2, column 15/],
  ["twice.yaml", "name: a\nname: b", /Map keys must be unique at line 2/],
  ["tag.yaml", "name: !!js/function x", /Unresolved tag.* at line 1/],
  [
    "bomb.yaml",
    "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: &d [*c, *c, *c, *c]\ne: [*d, *d, *d, *d]",
    /Excessive alias count/,
  ],
  ["empty.json", "", /is empty. Write a workflow into it/],
  ["blank.yaml", " \n\n", /is empty/],
  ["no.json.gz", "{}", /is not gzip/],
  ["bomb.json.gz", gzipSync(Buffer.alloc(API_LIMITS.bodyBytes + 1)), /at most 67108864 are accepted/],
])("%s is refused with what is wrong, and where", async (name, content, told) => {
  await expect(readDefinition(fileWith(name, content))).rejects.toThrow(told);
});

test("files that are none, and too large ones, are refused before they are read", async () => {
  await expect(readDefinition(join(folder, "missing.yaml"))).rejects.toThrow(/There is no file ".*missing.yaml"/);
  await expect(readDefinition(folder)).rejects.toThrow(/is a directory/);
  const huge = fileWith("huge.yaml", "");
  truncateSync(huge, 2 ** 33);
  await expect(readDefinition(huge)).rejects.toThrow(/has 8589934592 bytes or more/);
});
