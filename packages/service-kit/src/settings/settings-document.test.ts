import { SETTING_NAMES, flagOf } from "./catalogue.js";
import { readSettingsDocument, withTables } from "./settings-document.js";

const REMEDY = "npm run document -w @agent-hive/service-kit";

test(`docs/settings.md says what is declared, no more and no less (else: ${REMEDY})`, () => {
  const document = readSettingsDocument();
  expect(document).toBe(withTables(document));
});

test("every setting has a row of its own, with its flag", () => {
  const document = readSettingsDocument();
  for (const name of SETTING_NAMES) {
    expect(document.split("\n").filter((line) => line.startsWith(`| \`${name}\`, \`${flagOf(name)}\` `))).toHaveLength(
      1,
    );
  }
});

test("what was changed in the document alone is put right again", () => {
  const document = readSettingsDocument();
  const changed = document.replace("`10000`", "`10001`");
  expect(changed).not.toBe(document);
  expect(withTables(changed)).toBe(document);
});

test("a document without a place for a table is refused", () => {
  expect(() => withTables("# Settings\n")).toThrow('must have a line "<!-- settings -->"');
});
