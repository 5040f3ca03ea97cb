import { readFileSync } from "node:fs";
import { join } from "node:path";
// oxlint-disable-next-line eslint/no-restricted-imports -- where ajv keeps what checks drafts of 2020-12
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { ALL_FILES, MADE_FILES } from "./file-list.js";
import { jsonSchemas, SCHEMAS_FOLDER, textOf } from "./json-schemas.js";
import { interrupted, passed, someOutcome } from "./test-fixtures/outcome.js";

const REMEDY = "npm run schemas -w @agent-hive/cli";

const kept = (schemaName: string): string => readFileSync(join(SCHEMAS_FOLDER, schemaName), "utf8");

/** What is wrong with a content by the schema that is kept in docs/schemas; null if nothing is. */
function validator(name: string): (content: unknown) => unknown {
  // Formats are checked by patterns, which the schemas have beside them.
  const ajv = new Ajv2020({ allErrors: true, validateFormats: false });
  ajv.addVocabulary(["unit"]);
  const validate = ajv.compile(JSON.parse(kept(name.replace(/\.json$/, ".schema.json"))) as object);
  return (content) => (validate(JSON.parse(JSON.stringify(content))) ? null : validate.errors);
}

test("there are nine files, each with a name of its own", () => {
  expect(new Set(ALL_FILES.map(({ name }) => name)).size).toBe(9);
});

test.each(ALL_FILES)("docs/demonstration.md tells how to read $name", ({ name }) => {
  const document = readFileSync(join(SCHEMAS_FOLDER, "..", "demonstration.md"), "utf8");
  expect(document.split("\n").filter((line) => line.startsWith(`| \`${name}\` `))).toHaveLength(1);
});

test.each(Object.entries(jsonSchemas()))(`docs/schemas/%s is what the code says (else: ${REMEDY})`, (name, schema) => {
  expect(kept(name)).toBe(textOf(schema));
});

describe.each(MADE_FILES)("$name", ({ name, make, schema }) => {
  const problemsOf = validator(name);

  test("fits its JSON Schema when the run passed", () => {
    expect(problemsOf(make(passed()))).toBeNull();
  });

  test("fits it when the run was interrupted before there was anything to measure, and says so", () => {
    const content = make(interrupted());
    expect(problemsOf(content)).toBeNull();
    expect(JSON.stringify(content)).toContain("Nothing was measured: the run was interrupted in phase");
  });

  test("fits it whatever was measured", () => {
    fc.assert(
      fc.property(someOutcome(), (outcome) => {
        expect(problemsOf(make(outcome))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  test("is told by its JSON Schema when it is not what it should be", () => {
    expect(problemsOf({ ...make(passed()), version: 0, resourceSpans: 0 })).not.toBeNull();
    expect(problemsOf({ ...make(passed()), another: 1 })).not.toBeNull();
  });

  test("has nothing that its schema in the code does not know", () => {
    const content = make(passed());
    expect(schema.parse(content)).toEqual(content);
  });
});

test.each(Object.entries(jsonSchemas()))("%s has a description for every field", (_, schema) => {
  expect(undescribed(schema, "")).toEqual([]);
});

/** Paths of the fields that a JSON Schema does not describe. */
function undescribed(schema: unknown, path: string): string[] {
  if (Array.isArray(schema)) return schema.flatMap((each) => undescribed(each, path));
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== "properties") return undescribed(value, path);
    return Object.entries(value as Record<string, { description?: string }>).flatMap(([field, its]) => [
      ...(its.description ? [] : [`${path}/${field}`]),
      ...undescribed(its, `${path}/${field}`),
    ]);
  });
}
