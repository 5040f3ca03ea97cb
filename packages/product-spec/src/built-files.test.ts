import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleApplication, builtFile, parseTaskOutput, writeApplication, type BuiltFiles } from "./index.js";

const output = (files: BuiltFiles) => ({ files, summary: "" });

test("an application is the files of all tasks, sorted by path", () => {
  const files = assembleApplication({ b: output({ "web/z.js": "z" }), a: output({ "web/a.js": "a", "B.md": "b" }) });
  expect(Object.entries(files)).toEqual([
    ["B.md", "b"],
    ["web/a.js", "a"],
    ["web/z.js", "z"],
  ]);
});

test("two tasks may not write the same file, in whatever case", () => {
  const outputs = { a: output({ "web/page.js": "" }), b: output({ "web/Page.js": "" }) };
  expect(() => assembleApplication(outputs)).toThrow('Tasks "a" and "b" both wrote "web/Page.js".');
});

test.each(["../x", "/etc/passwd", "a/../../x", "a//b", "", "a\\b", "C:/x", "a/./b", ".env", "a/b\0", "a/"])(
  "no file may be written to %p",
  async (path) => {
    expect(() => assembleApplication({ a: output({ [path]: "" }) })).toThrow('Task "a" may not write');
    await expect(writeApplication("/nowhere", { [path]: "" })).rejects.toThrow("may not write");
  },
);

test("an application is written as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "product-spec-"));
  try {
    await writeApplication(folder, { "server.js": "1", "web/pages/list.js": "ü" });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      "server.js",
      "web",
      "web/pages",
      "web/pages/list.js",
    ]);
    expect(await readFile(join(folder, "web/pages/list.js"), "utf8")).toBe("ü");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what is no output of a building task is refused by the task's name", () => {
  expect(() => parseTaskOutput("dashboard", { files: { a: 1 } })).toThrow(
    'The output of task "dashboard" holds no built files',
  );
  expect(() => builtFile({ a: output({ x: "" }) }, "a", "y")).toThrow('Task "a" built no file "y". It built: x.');
});
