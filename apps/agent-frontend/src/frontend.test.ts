import { frontendBuilders } from "./index.js";
import { pageResources } from "./ui-components/page-resources.js";

const field = (schema: object) => ({ title: "A field", ...schema });
const api = {
  info: { title: "<Shop>" },
  "x-accounts": { roles: { guest: 'Says "hi"', owner: "" } },
  tags: [{ name: "books", "x-schema": "Book" }],
  paths: { "/api/books": { get: { operationId: "listBooks", tags: ["books"] } } },
  components: {
    schemas: {
      Book: { title: "Book", "x-title-property": "text" },
      BookInput: {
        required: ["text"],
        properties: {
          text: field({ type: "string", minLength: 1, maxLength: 9 }),
          code: field({ type: "string", minLength: 4, maxLength: 9 }),
          notes: field({ type: ["string", "null"], maxLength: 99, "x-multiline": true }),
          count: field({ type: "integer", minimum: -1e15, maximum: 5 }),
          price: field({ type: "number", minimum: 0, maximum: 5, multipleOf: 0.01 }),
          sold: field({ type: "boolean" }),
          kind: field({ type: ["string", "null"], enum: ["a", null] }),
          starts: field({ type: "string", format: "local-date-time" }),
          author_id: field({ type: ["integer", "null"], "x-references": "authors" }),
        },
      },
    },
  },
};
const outputs = { system_design: { files: { "openapi.json": JSON.stringify(api) }, summary: "" } };

test("each property of the API has the control that fits it", () => {
  const [books] = pageResources(api as never);
  expect(books).toMatchObject({
    path: "/books",
    singular: "Book",
    titleField: "text",
    operations: { list: "listBooks" },
  });
  expect(books?.fields.map(({ label: _label, name: _name, ...rest }) => rest)).toEqual([
    { control: "text", required: true, maxLength: 9 },
    { control: "text", required: false, minLength: 4, maxLength: 9 },
    { control: "textarea", required: false, maxLength: 99 },
    { control: "integer", required: false, minimum: undefined, maximum: 5 },
    { control: "number", required: false, minimum: 0, maximum: 5, decimals: 2, step: 0.01 },
    { control: "checkbox", required: false },
    { control: "select", required: false, options: ["a"] },
    { control: "datetime", required: false },
    { control: "reference", required: false, resource: "authors", minimum: 1 },
  ]);
});

test("a list shows neither long texts nor the title twice; a record shows what refers to it", () => {
  const ui_components = frontendBuilders["ui_components"]!({} as never, outputs);
  const tables = [{ name: "books", references: { author_id: "books" } }];
  const db_integration = { files: {}, summary: "", tables };
  const { files } = frontendBuilders["dashboard"]!({} as never, { ...outputs, ui_components, db_integration });
  expect(files["web/views.js"]).toContain('columns: ["code", "count", "price", "sold", "kind", "starts"]');
  expect(files["web/views.js"]).toContain('related: [{ resource: "books", field: "author_id" }]');
});

test("text of the specification cannot leave its string", () => {
  const { files } = frontendBuilders["auth_ui"]!({} as never, outputs);
  expect(files["web/roles.js"]).toContain(`{ name: "guest", description: 'Says "hi"' }`);
});

test("a product keeps its colour and its letter", () => {
  const build = () => frontendBuilders["ui_components"]!({} as never, outputs).files;
  expect(build()).toEqual(build());
  expect(build()["public/icon.svg"]).toContain(">S</text>");
});
