// Completes what `tsc -b` leaves undone in the package it is run from: copies what the code reads at run time (scripts,
// statements, templates, examples) beside the compiled code, and removes from dist what has no source any more, so that no
// test or module of yesterday runs today.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ASSET = /\.(lua|sql|json|yaml|css|html|tmpl)$/;
const COMPILED = /\.(js|d\.ts)(\.map)?$/;

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    : [];

for (const file of filesBelow("src").filter((name) => ASSET.test(name))) {
  mkdirSync(dirname(join("dist", file)), { recursive: true });
  copyFileSync(join("src", file), join("dist", file));
}

for (const file of filesBelow("dist")) {
  const isStaleCode = COMPILED.test(file) && !existsSync(join("src", file.replace(COMPILED, ".ts")));
  const isStaleAsset = ASSET.test(file) && !existsSync(join("src", file));
  if (isStaleCode || isStaleAsset) rmSync(join("dist", file));
}
