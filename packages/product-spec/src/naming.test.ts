import { camelCase, kebabCase, labelOf, pascalCase, pathOf, pluralOf, relationColumn, slugOf } from "./index.js";

test.each([
  ["book", "books"],
  ["order_line", "order_lines"],
  ["category", "categories"],
  ["day", "days"],
  ["box", "boxes"],
  ["branch", "branches"],
  ["sales_person", "sales_people"],
])("the plural of %s is %s", (name, plural) => {
  expect(pluralOf(name)).toBe(plural);
});

test("a name has a form for every place it is used in", () => {
  const forms = [camelCase, pascalCase, kebabCase, labelOf].map((form) => form("order_line"));
  expect(forms).toEqual(["orderLine", "OrderLine", "order-line", "Order line"]);
  expect(pathOf({ plural: "order_lines" })).toBe("/order-lines");
  expect(relationColumn({ name: "author" })).toBe("author_id");
});

test.each([
  ["Riverside Clinic", "riverside-clinic"],
  ["Café Zoë!", "cafe-zoe"],
  ["--", "application"],
])("the slug of %p is %p", (text, slug) => {
  expect(slugOf(text)).toBe(slug);
});
