/**
 * Breaks a service on purpose while it is loaded: `node --import …/hook.js` with the name of a mutant in HIVE_MUTANT. Code is
 * edited as it is imported, scripts and statements as they are read; what is on disk stays as it is.
 */
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports, type LoadFnOutput } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { applyEdits, type Edit } from "./apply-edits.js";
import { MUTANT_VARIABLE, REPOSITORY, mutantNamed } from "./mutants.js";

const { edits } = mutantNamed(process.env[MUTANT_VARIABLE] ?? "");
const byFile = Map.groupBy(edits, ({ file }: Edit) => resolve(REPOSITORY, file));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = url.startsWith("file:") ? byFile.get(fileURLToPath(url)) : undefined;
    return own === undefined ? loaded : { ...loaded, source: applyEdits(textOf(loaded.source), own) };
  },
});

const textOf = (source: LoadFnOutput["source"]): string =>
  typeof source === "string" ? source : Buffer.from(source as Uint8Array).toString();

const { readFileSync } = fs;
fs.readFileSync = ((path: fs.PathOrFileDescriptor, options?: never) => {
  const content = readFileSync(path, options);
  const own = typeof path === "string" && /\.(lua|sql)$/.test(path) ? byFile.get(path) : undefined;
  return own === undefined ? content : applyEdits(String(content), own);
}) as typeof readFileSync;
syncBuiltinESMExports();
