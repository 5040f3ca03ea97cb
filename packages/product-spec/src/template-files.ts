import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { BuiltFiles } from "./built-files.js";

const SUFFIX = ".tmpl";

/**
 * Reads the files of an application that are kept as templates: every `*.tmpl` below the folder, named without the suffix.
 *
 * @param values text for each `{{name}}` in them.
 * @throws Error for a placeholder without a value, and for a value without a placeholder.
 */
export function templateFiles(folder: string, values: Record<string, string> = {}): BuiltFiles {
  const unused = new Set(Object.keys(values));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name): [string, string] => {
      const text = readFileSync(join(folder, name), "utf8").replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
        if (!Object.hasOwn(values, key)) throw new Error(`Template "${name}" wants a value for "${key}".`);
        unused.delete(key);
        return values[key]!;
      });
      return [relative(".", name).slice(0, -SUFFIX.length).split(sep).join("/"), text];
    });
  if (unused.size > 0) throw new Error(`No template in ${folder} has a place for: ${[...unused].join(", ")}.`);
  return Object.fromEntries(files);
}
