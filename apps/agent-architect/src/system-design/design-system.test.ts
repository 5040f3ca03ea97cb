import { operationsOf, parseProductSpec, readApi, readExample, type ApiDocument } from "@agent-hive/product-spec";
import { designSystem } from "./design-system.js";

const bookshop = parseProductSpec(readExample("bookshop"));
const design = (spec = bookshop): ApiDocument => readApi({ system_design: designSystem(spec) });
const operation = (id: string) => operationsOf(design()).find((it) => it.operationId === id)!;

test("each entity has the operations that some role may call, with the roles as its security", () => {
  expect(operation("listBooks")).toMatchObject({ method: "GET", path: "/api/books", security: [{}] });
  expect(operation("createBook").security).toEqual([{ session: ["clerk"] }, { session: ["owner"] }]);
  expect(operation("createOrder").security).toEqual([
    { session: ["customer"] },
    { session: ["clerk"] },
    { session: ["owner"] },
  ]);
  expect(operation("deleteBook")).toMatchObject({
    method: "DELETE",
    path: "/api/books/{id}",
    security: [{ session: ["owner"] }],
  });
});

test("what no role may do is no operation", () => {
  const roles = bookshop.roles.map((role) => ({ ...role, permissions: { book: ["read" as const] } }));
  const ids = operationsOf(design({ ...bookshop, roles })).map(({ operationId }) => operationId);
  expect(ids.filter((id) => /Author|Book|Order/.test(id))).toEqual(["listBooks", "getBook"]);
});

test("fields become schemas with their limits; what is optional may be null", () => {
  const { BookInput, OrderInput } = design().components.schemas;
  expect(BookInput?.properties).toMatchObject({
    isbn: { type: "string", title: "ISBN", minLength: 10, maxLength: 17, "x-unique": true },
    price: { type: "number", minimum: 0, maximum: 10000, multipleOf: 0.01 },
    published: { type: ["string", "null"], format: "date" },
    author_id: { type: "integer", "x-references": "authors" },
  });
  expect(BookInput?.required).toEqual(["title", "isbn", "price", "stock", "format", "author_id"]);
  expect(OrderInput?.properties?.["gift"]).toEqual({ type: "boolean", title: "Gift wrapped", default: false });
});

test("every reference of the document leads somewhere", () => {
  const document = design();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) =>
    path!.split("/"),
  );
  expect(references.length).toBeGreaterThan(20);
  for (const path of references) expect(document).toHaveProperty(path);
});

test("text of the specification is only text in the README", () => {
  const { files } = designSystem({ ...bookshop, name: "<b>*Shop*</b>", description: "[x](y) `z` | a" });
  expect(files["README.md"]).toContain("# \\<b\\>\\*Shop\\*\\</b\\>\n\n\\[x\\](y) \\`z\\` \\| a\n");
});
