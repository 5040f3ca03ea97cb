// The arrows of the architecture: who may import whom. An import by name resolves to `dist/index` of the package or app.
const PACKAGE = (names) => `^packages/(${names})/(src|dist)/`;
const TESTS = ["\\.test\\.ts$", "/test-fixtures/"];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Modules that need each other are one module, or lack a third.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "domain-imports-nothing",
      comment: "The rules are pure: standard library only.",
      severity: "error",
      from: { path: "^packages/domain/src/", pathNot: TESTS },
      to: { pathNot: "^packages/domain/src/", dependencyTypesNot: ["core"] },
    },
    {
      name: "contracts-import-domain-only",
      severity: "error",
      from: { path: "^packages/contracts/src/" },
      to: { path: "^(apps|packages)/", pathNot: PACKAGE("contracts|domain") },
    },
    {
      name: "measurement-judges-records-alone",
      comment: "The rules by which the hive is judged share nothing with the code that is judged, but its words.",
      severity: "error",
      from: { path: "^packages/measurement/src/", pathNot: TESTS },
      to: { path: "^(apps|packages)/", pathNot: PACKAGE("measurement|contracts|domain") },
    },
    {
      name: "telemetry-and-proof-import-nothing-of-ours",
      severity: "error",
      from: { path: "^packages/(telemetry|proof)/src/", pathNot: TESTS },
      to: { path: "^(apps|packages)/", pathNot: PACKAGE("$1") },
    },
    {
      name: "streams-and-persistence-do-not-know-each-other",
      comment: "A use case in an app joins transport and truth.",
      severity: "error",
      from: { path: "^packages/(streams|persistence)/src/", pathNot: TESTS },
      to: { path: "^(apps|packages)/", pathNot: PACKAGE("$1|contracts|domain|telemetry|proof") },
    },
    {
      name: "service-kit-knows-no-stores",
      severity: "error",
      from: { path: "^packages/service-kit/src/", pathNot: TESTS },
      to: { path: "^(apps|packages)/", pathNot: PACKAGE("service-kit|contracts|domain|telemetry|proof") },
    },
    {
      name: "tools-reach-the-hive-from-outside",
      comment: "Client, launcher and chaos know messages, processes and settings, not the insides of services.",
      severity: "error",
      from: { path: "^packages/(client|launcher|chaos)/src/", pathNot: TESTS },
      to: {
        path: "^(apps|packages)/",
        pathNot: [PACKAGE("$1|contracts|measurement"), "^packages/service-kit/dist/settings/index\\.(js|d\\.ts)$"],
      },
    },
    {
      name: "packages-do-not-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "apps-do-not-import-apps",
      comment: "Apps meet only through contracts. Tests may use the real neighbour rather than a copy of what it does.",
      severity: "error",
      from: { path: "^apps/([^/]+)/", pathNot: TESTS },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "only-tests-import-testing",
      severity: "error",
      from: { path: "^(apps|packages)/", pathNot: [...TESTS, "^packages/(testing|system-tests)/"] },
      to: { path: PACKAGE("testing|system-tests") },
    },
    {
      name: "no-deep-imports",
      comment: "Packages are imported by name, through what their package.json exports.",
      severity: "error",
      from: { path: "^(apps|packages)/([^/]+)/" },
      to: {
        path: "^(apps|packages)/[^/]+/(src|dist)/",
        pathNot: [
          "^$1/$2/",
          "^(apps|packages)/[^/]+/dist/index\\.(js|d\\.ts)$",
          "^packages/streams/dist/nest/index\\.(js|d\\.ts)$",
          "^packages/(domain|measurement)/dist/test-fixtures/index\\.(js|d\\.ts)$",
          "^packages/domain/dist/errors/hive-error\\.(js|d\\.ts)$",
          "^packages/persistence/dist/encoding\\.(js|d\\.ts)$",
          "^packages/service-kit/dist/problem\\.(js|d\\.ts)$",
          "^packages/service-kit/dist/settings/index\\.(js|d\\.ts)$",
        ],
      },
    },
    {
      name: "every-import-resolves",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "dependencies-are-declared",
      comment: "What is imported stands in the package's own package.json.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    includeOnly: { path: ["^(apps|packages)/[^/]+/src/", "^(apps|packages)/[^/]+/dist/", "^node_modules/"] },
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: "/dist/.*\\.test\\.js$" },
    combinedDependencies: true,
    tsPreCompilationDeps: true,
    moduleSystems: ["es6"],
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    detectJSDocImports: true,
  },
};
