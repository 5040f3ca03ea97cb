import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ATTRIBUTES, LINKS, LINK_ATTRIBUTE, SPAN_NAMES } from "./names.js";

const document = readFileSync(join(import.meta.dirname, "../../../../docs/telemetry.md"), "utf8");
const firstCells = (heading: string): string[] => {
  const table = document.slice(document.indexOf(heading)).split("\n\n")[0]!;
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name!);
};

test("the document lists every attribute, and no other", () => {
  expect(firstCells("| attribute").sort()).toEqual([...Object.values(ATTRIBUTES), LINK_ATTRIBUTE].sort());
});

test("the document lists every kind of span", () => {
  const listed = firstCells("| span").map((name) => name.replace(/ <.*/, ""));
  expect(listed).toEqual(
    ["POST /v1/workflows", ...Object.values(SPAN_NAMES)].sort((a, b) => listed.indexOf(a) - listed.indexOf(b)),
  );
});

test("the document tells what links mean", () => {
  const row = document.split("\n").find((line) => line.startsWith(`| \`${LINK_ATTRIBUTE}\``))!;
  for (const why of Object.values(LINKS)) expect(row).toContain(`\`${why}\``);
});
