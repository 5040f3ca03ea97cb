// Completes what `turbo prune --production --docker` leaves in a folder, e.g. /pruned:
//   json/      is made installable: it names no package any more that only development needs, and which is not there
//   compiled/  gets what each package says that it consists of (`files`, by default its compiled code), but neither tests
//              nor what only compilers and debuggers read
// They are two so that an image whose code changed installs nothing anew.
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [manifests, compiled] = ["json", "compiled"].map((name) => join(process.argv[2], name));
const LEFT_OUT = /(\.test\.js|\.d\.ts|\.map|\.tsbuildinfo)$|\/(test-fixtures|mutants)$/;

const packages = ["apps", "packages"].flatMap((kind) =>
  existsSync(join(manifests, kind)) ? readdirSync(join(manifests, kind)).map((name) => join(kind, name)) : [],
);

const rewrite = (file, change) => {
  const content = JSON.parse(readFileSync(join(manifests, file), "utf8"));
  change(content);
  writeFileSync(join(manifests, file), JSON.stringify(content, undefined, 2));
};
const withoutDevelopment = (manifest) => delete manifest.devDependencies;

for (const folder of packages) {
  rewrite(join(folder, "package.json"), withoutDevelopment);
  const { files = ["dist"] } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const file of files) {
    const destination = join(compiled, folder, file);
    cpSync(join(folder, file), destination, { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
  }
}
rewrite("package.json", withoutDevelopment);
rewrite("package-lock.json", (lock) => {
  for (const folder of ["", ...packages]) withoutDevelopment(lock.packages[folder] ?? {});
});
