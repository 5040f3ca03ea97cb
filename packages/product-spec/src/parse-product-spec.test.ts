import {
  listExamples,
  parseProductSpec,
  ProductSpecError,
  readExample,
  SPEC_LIMITS,
  type SpecProblem,
} from "./index.js";

const VALID = `
name: Notes
accounts: { administrator: owner, newcomer: reader }
entities:
  note: { fields: { title: text } }
roles:
  owner: { permissions: { "*": [create, read] } }
  reader: {}
`;

function problemsOf(text: string): readonly SpecProblem[] {
  try {
    parseProductSpec(text);
  } catch (error) {
    if (error instanceof ProductSpecError) return error.problems;
    throw error;
  }
  return [];
}

/** The problems of the valid specification with one part of it replaced, as `path: message`. */
const problemsWith = (part: string, replacement: string): string[] =>
  problemsOf(VALID.replace(part, replacement)).map(({ path, message }) => `${path}: ${message}`);

describe("a specification", () => {
  test.each(listExamples())("%s, an example, is valid", (name) => {
    expect(parseProductSpec(readExample(name)).entities.length).toBeGreaterThanOrEqual(3);
  });

  test("has everything filled in that it leaves out, in the order it was written", () => {
    expect(parseProductSpec(VALID)).toEqual({
      name: "Notes",
      description: "",
      accounts: { administrator: "owner", newcomer: "reader" },
      entities: [
        {
          name: "note",
          plural: "notes",
          description: "",
          title: "title",
          fields: [
            {
              name: "title",
              label: "Title",
              type: "text",
              required: false,
              unique: false,
              minLength: 0,
              maxLength: 200,
            },
          ],
          relations: [],
        },
      ],
      roles: [
        { name: "owner", description: "", permissions: { note: ["read", "create"] } },
        { name: "reader", description: "", permissions: {} },
      ],
    });
  });
});

describe("a wrong specification", () => {
  test("has all its problems reported at once, each with its place, value and remedy", () => {
    const problems = problemsOf(`
nmae: Notes
accounts: { administrator: ownr, newcomer: reader }
entities:
  note:
    fields: { title: { type: txet }, size: { type: integer, min: 5, max: 2 } }
    relations: { author: { to: autor } }
  author: { fields: { name: text } }
roles: { owner: {}, reader: { permissions: { note: [raed] } } }
`);
    expect(problems.map(({ path, line, value, remedy }) => [path, line, value, remedy])).toEqual([
      ["name", undefined, "nothing", "Write a string."],
      ["entities.note.fields.title.type", 6, '"txet"', expect.stringContaining('Did you mean "text"?')],
      ["roles.reader.permissions.note.0", 9, '"raed"', expect.stringContaining('Did you mean "read"?')],
      ["nmae", 2, '"nmae"', expect.stringContaining('Did you mean "name"?')],
      ["entities.note.fields.size.min", 6, "5", 'Lower "min" or raise "max".'],
      ["entities.note.relations.author.to", 7, '"autor"', expect.stringContaining('Did you mean "author"?')],
      ["accounts.administrator", 3, '"ownr"', expect.stringContaining('Did you mean "owner"?')],
    ]);
  });

  test("says so in one message, a line for each problem", () => {
    expect(() => parseProductSpec(VALID.replace("name: Notes", "name: 5"))).toThrow(
      "The product specification has a problem:\n- name (line 2): has the wrong type, found 5. Write a string.",
    );
  });

  test.each([
    ["an unknown key of an entity", "note: {", "note: { feilds: {},", "entities.note.feilds: is not a known key"],
    [
      "an unknown key of a field",
      "title: text",
      "title: { type: text, max: 1 }",
      "entities.note.fields.title.max: is not a known key",
    ],
    ["a name in capitals", "note: {", "Note: {", "entities.Note: is not a name"],
    [
      "a name that JavaScript has",
      "title: text",
      "title: text, constructor: text",
      "entities.note.fields.constructor: is a reserved name",
    ],
    [
      "a name that SQL has",
      "title: text",
      "title: text, order: text",
      "entities.note.fields.order: is a reserved name",
    ],
    [
      "a column every table has",
      "title: text",
      "title: text, id: integer",
      "entities.note.fields.id: is a reserved name",
    ],
    ["an entity every application has", "note: {", "account: {", "entities.account: is a reserved name"],
    [
      "a plural that SQL has",
      "note: {",
      "note: { plural: index,",
      'entities.note.plural: has the plural "index", which is a reserved name',
    ],
    [
      "two entities with one plural",
      "note: {",
      "not: { plural: notes, fields: { a: text } }\n  note: {",
      'entities.note: its plural is the same as that of "not"',
    ],
    [
      "two entities with one type",
      "note: {",
      "note_input: { fields: { a: text } }\n  note: {",
      'entities.note: its type "NoteInput" is the same as that of "note_input"',
    ],
    [
      "a title that is no field",
      "note: {",
      "note: { title: heading,",
      "entities.note.title: is not a field of this entity",
    ],
    [
      "a required relation that could be cleared",
      "note: {",
      "note: { relations: { parent: { to: note, required: true, onDelete: clear } },",
      "entities.note.relations.parent.onDelete: cannot clear a relation that is required",
    ],
    [
      "records that require each other",
      "note: {",
      "note: { relations: { parent: { to: note, required: true } },",
      "entities.note.relations: requires, directly or through others, a record of its own kind, so a first one could never be made",
    ],
    [
      "a relation with the column of a field",
      "title: text }",
      "title: text, a_id: text }, relations: { a: { to: note } }",
      'entities.note.relations.a: needs the column "a_id", which is a field already',
    ],
    [
      "an option twice",
      "title: text",
      "title: { type: choice, options: [a, a] }",
      "entities.note.fields.title.options: names an option twice",
    ],
    ["no fields", "{ title: text }", "{}", "entities.note.fields: is empty"],
    [
      "visitors who may write",
      "reader: {}",
      "reader: {}\n  anyone: { permissions: { note: [create] } }",
      "roles.anyone.permissions.note: would let visitors without an account change records",
    ],
    [
      "everyone an administrator",
      "newcomer: reader",
      "newcomer: owner",
      "accounts.newcomer: would make everyone who registers an administrator",
    ],
    ["a permission on nothing", '"*"', "nots", "roles.owner.permissions.nots: is not an entity"],
    ["a name of two lines", "name: Notes", 'name: "No\\ntes"', "name: must be one line without control characters"],
    ["a key twice", "name: Notes", "name: Notes\nname: Other", ": Map keys must be unique at line 3, column 1"],
    ["a prototype", "note: {", '"__proto__": {', "entities.__proto__: is not a name"],
  ])("may not have %s", (_what, part, replacement, expected) => {
    expect(problemsWith(part, replacement)).toContain(expected);
  });

  test("may not be larger than what fits into a workflow's input", () => {
    expect(problemsOf(`${VALID}#${"x".repeat(SPEC_LIMITS.bytes)}`)).toMatchObject([{ message: "is too large" }]);
  });

  test("may not have more entities than the limit", () => {
    const entities = Array.from(
      { length: SPEC_LIMITS.entities },
      (_, index) => `  e${index}: { fields: { a: text } }\n`,
    );
    expect(problemsWith("  note:", `${entities.join("")}  note:`)).toEqual(["entities: has 25 entries"]);
  });

  test("may not hold aliases, by which a few lines grow to gigabytes", () => {
    const bomb = Array.from(
      { length: 20 },
      (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`,
    ).join("\n");
    const problems = problemsOf(`a0: &a0 [x]\n${bomb}\n`);
    expect(problems).toHaveLength(20);
    expect(problems[0]).toMatchObject({ line: 2, value: "*a0", message: "is an alias" });
  });

  test("is refused, whatever is nested how deeply", () => {
    for (const text of ["", "- a", "[".repeat(40_000), "{a: ".repeat(10_000), "!!binary x", "a: !custom b"])
      expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});
