import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { listed } from "./spec-problem.js";

const FOLDER = join(import.meta.dirname, "../examples");
const SUFFIX = ".yaml";

/** The names of the specifications that come with this package, sorted. */
export function listExamples(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort();
}

/** The text of an example. Throws an Error listing the known names if there is none of that name. */
export function readExample(name: string): string {
  const known = listExamples();
  if (!known.includes(name)) throw new Error(`There is no example "${name}". Known: ${listed(known)}.`);
  return readFileSync(join(FOLDER, name + SUFFIX), "utf8");
}
