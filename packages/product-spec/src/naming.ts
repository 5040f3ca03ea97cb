const IRREGULAR: Record<string, string> = { person: "people", child: "children", man: "men", woman: "women" };

/** The English plural of a snake_case name; its last word is the one that changes: `order_line` → `order_lines`. */
export function pluralOf(name: string): string {
  const words = name.split("_");
  const last = words.pop()!;
  return [...words, pluralWord(last)].join("_");
}

function pluralWord(word: string): string {
  if (Object.hasOwn(IRREGULAR, word)) return IRREGULAR[word]!;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `order_line` → `OrderLine`: classes, schemas. */
export const pascalCase = (name: string): string => name.split("_").map(capital).join("");

/** `order_line` → `orderLine`: variables. */
export const camelCase = (name: string): string => {
  const pascal = pascalCase(name);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
};

/** `order_line` → `order-line`: paths, files. */
export const kebabCase = (name: string): string => name.replaceAll("_", "-");

/** `order_line` → `Order line`: words for people. */
export const labelOf = (name: string): string => capital(name.replaceAll("_", " "));

/** The table of an entity: its plural. */
export const tableName = (entity: { plural: string }): string => entity.plural;

/** The path of an entity's pages and, below `/api`, of its records: `/order-lines`. */
export const pathOf = (entity: { plural: string }): string => `/${kebabCase(entity.plural)}`;

/** The column of a relation: `author` → `author_id`. */
export const relationColumn = (relation: { name: string }): string => `${relation.name}_id`;

/** A name for files and packages made of any text: `Riverside Clinic` → `riverside-clinic`; `application` if nothing is left. */
export function slugOf(text: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return slug || "application";
}
