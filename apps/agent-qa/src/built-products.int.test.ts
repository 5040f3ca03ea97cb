import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  assembleApplication,
  listExamples,
  parseProductSpec,
  productWorkflow,
  readExample,
  type ProductSpec,
  type TaskOutput,
} from "@agent-hive/product-spec";
import { workflowDefinitionSchema } from "@agent-hive/contracts";
import { jest } from "@jest/globals";
import * as prettier from "prettier";
import { testApi } from "./api-tests/test-api.js";
import type { TestReport } from "./checks/run-tests.js";
import { testIntegration } from "./integration-tests/test-integration.js";
import { buildProduct, outputsBefore } from "./test-fixtures/build-product.js";
import { testUi } from "./ui-tests/test-ui.js";

jest.setTimeout(60_000);

const SPECIFICATIONS = {
  ...Object.fromEntries(listExamples().map((name) => [name, readExample(name)])),
  awkward: readFileSync(join(import.meta.dirname, "test-fixtures/awkward.yaml"), "utf8"),
};
const never = new AbortController().signal;

const SUITES = { api_tests: testApi, ui_tests: testUi, integration_tests: testIntegration };

/** Runs a suite on what its task could read of the outputs. */
const run = (task: keyof typeof SUITES, spec: ProductSpec, outputs: Record<string, TaskOutput>): Promise<TestReport> =>
  SUITES[task](spec, outputsBefore(task, outputs), never);

describe.each(Object.entries(SPECIFICATIONS))("the product %s", (_name, text) => {
  const spec = parseProductSpec(text);

  test("passes all its tests, with the same report every time", async () => {
    const outputs = buildProduct(spec);
    for (const task of ["api_tests", "ui_tests", "integration_tests"] as const)
      outputs[task] = await run(task, spec, outputs);
    expect(await run("integration_tests", spec, outputs)).toEqual(outputs["integration_tests"]);
    expect(Object.keys(assembleApplication(outputs))).toContain("reports/integration-tests.json");
  });

  test("is the same to the last byte whenever it is built", () => {
    const again = buildProduct(parseProductSpec(text));
    expect(JSON.stringify(again)).toBe(JSON.stringify(buildProduct(spec)));
  });

  test("is formatted as a person would format it", async () => {
    for (const [path, content] of Object.entries(assembleApplication(buildProduct(spec)))) {
      const { inferredParser } = await prettier.getFileInfo(path);
      if (!inferredParser || inferredParser === "markdown") continue;
      expect(`${path}\n${await prettier.format(content, { filepath: path, printWidth: 120 })}`).toBe(
        `${path}\n${content}`,
      );
    }
  });

  test("is built by a workflow that the API accepts", () => {
    expect(workflowDefinitionSchema.safeParse(productWorkflow(text)).error).toBeUndefined();
  });
});

describe("a product with a fault fails its tests, and the check that found it is named", () => {
  const spec = parseProductSpec(readExample("bookshop"));

  test.each<[string, keyof typeof SUITES, string, string, string, string]>([
    ["does not start", "api_tests", "server.js", "const settings", "cons settings", "the application starts"],
    [
      "lets everyone do everything",
      "api_tests",
      "auth/permissions.js",
      'return roles.includes("anyone")',
      "return true",
      "permissions: anyone on books",
    ],
    [
      "lets nobody do anything",
      "api_tests",
      "auth/permissions.js",
      'roles.includes("anyone") ||',
      "",
      "permissions: anyone on books",
    ],
    [
      "writes what it is sent into its SQL",
      "api_tests",
      "data/table.js",
      "LIKE :search ESCAPE '!'`",
      "LIKE '%${search}%'`",
      "books: SQL in a text is only text",
    ],
    [
      "has no foreign keys",
      "api_tests",
      "data/database.js",
      "enableForeignKeyConstraints: true",
      "enableForeignKeyConstraints: false",
      "books: keeps from deleting its author",
    ],
    [
      "does not check lengths",
      "api_tests",
      "api/validate.js",
      "length > maxLength",
      "length > 1e9",
      "books: title refuses what is no text within its limits",
    ],
    [
      "keeps passwords of sessions that ended",
      "api_tests",
      "auth/sessions.js",
      "if (session) this",
      "if (!session) this",
      "sessions: after logging out the old cookie is worthless",
    ],
    [
      "lets passwords be guessed",
      "api_tests",
      "auth/attempts.js",
      "entry.count >= ALLOWED",
      "false",
      "sessions: guessing is slowed down",
    ],
    [
      "accepts requests of other sites",
      "api_tests",
      "auth/forgery.js",
      "if (isForeign",
      "if (false",
      "protocol: a change asked for by another site is 403",
    ],
    [
      "does not escape",
      "ui_tests",
      "web/html.js",
      "/[&<>\"']/g",
      "/[&]/g",
      "authors: hostile text is only text in list, record, overview and search",
    ],
    [
      "does not escape quotes",
      "ui_tests",
      "web/html.js",
      "/[&<>\"']/g",
      "/[&<>]/g",
      "authors: hostile text is only text in forms, and stays as it is",
    ],
    [
      "does not check the tokens of forms",
      "ui_tests",
      "auth/forgery.js",
      "if (given.length === expected.length && timingSafeEqual(given, expected)) return;",
      "if (expected) return;",
      "entry: a form without its token, or with another visitor's, is refused",
    ],
    [
      "leads to other sites",
      "ui_tests",
      "web/account-forms.js",
      "/^\\/(?![/\\\\])[\\x21-\\x7e]*$/.test(next)",
      "true",
      "entry: nobody is led to another site",
    ],
    [
      "offers what is not allowed",
      "ui_tests",
      "web/record-views.js",
      "operations.may(visitor, resource.operations.remove) &&",
      "",
      "roles: clerk on the pages of books",
    ],
    [
      "has a link to nowhere",
      "ui_tests",
      "web/overview.js",
      'href="${resource.path}/new"',
      'href="${resource.path}/gnu"',
      "pages: every link leads to a page",
    ],
    [
      "forgets a value that was typed",
      "integration_tests",
      "web/values.js",
      'return text === "true"',
      "return false",
      "journey: orders are added with the form",
    ],
    [
      "miscounts",
      "integration_tests",
      "web/overview.js",
      "${newest.total}",
      "${newest.items.length + 1}",
      "journey: the overview counts what there is",
    ],
    [
      "keeps its data in memory",
      "integration_tests",
      "data/database.js",
      "new DatabaseSync(file",
      'new DatabaseSync(":memory:"',
      "durability: it stops cleanly, and starts again with all records and sessions",
    ],
    [
      "does not stop when asked",
      "integration_tests",
      "server.js",
      '["SIGINT", "SIGTERM"]',
      '["SIGINT"]',
      "durability: it stops cleanly, and starts again with all records and sessions",
    ],
  ])("one that %s", async (_fault, task, path, part, replacement, check) => {
    const outputs = buildProduct(spec);
    const builder = Object.values(outputs).find(({ files }) => path in files)!;
    const whole = builder.files[path]!;
    expect(whole).toContain(part);
    builder.files[path] = whole.replace(part, () => replacement);
    const failure = run(task, spec, outputs);
    await expect(failure).rejects.toMatchObject({ code: "TESTS_FAILED" });
    await expect(failure).rejects.toThrow(`- ${check}:`);
  });
});
