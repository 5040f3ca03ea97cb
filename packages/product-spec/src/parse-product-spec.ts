import { LineCounter, isAlias, parseDocument, visit, type Document } from "yaml";
import type { z } from "zod";
import { crossChecks, type Finding } from "./cross-checks.js";
import { labelOf, pluralOf } from "./naming.js";
import {
  ACTIONS,
  type Action,
  type Entity,
  type Field,
  type ProductSpec,
  type Relation,
  type Role,
} from "./product-spec.js";
import { ProductSpecError, listed, shown, suggest, type SpecProblem } from "./spec-problem.js";
import {
  FIELD_TYPES,
  SPEC_LIMITS,
  accountsSchema,
  documentSchema,
  entitySchema,
  relationSchema,
  roleSchema,
  type FieldDocument,
  type SpecDocument,
} from "./spec-schema.js";

/**
 * Reads a product specification.
 *
 * @param yamlText the document, at most 48 KiB; YAML 1.2 without aliases and tags.
 * @throws ProductSpecError with every problem of the document at once.
 */
export function parseProductSpec(yamlText: string): ProductSpec {
  const { document, lines } = readYaml(yamlText);
  const raw: unknown = document.toJS();
  const parsed = documentSchema.safeParse(raw);
  const findings = [...(parsed.error?.issues ?? []).flatMap((issue) => fromIssue(issue, raw)), ...crossChecks(raw)];
  if (findings.length > 0 || !parsed.data)
    throw new ProductSpecError(findings.map((it) => located(it, document, raw, lines)));
  return toSpec(parsed.data);
}

function readYaml(text: string): { document: Document; lines: LineCounter } {
  const bytes = Buffer.byteLength(text);
  if (bytes > SPEC_LIMITS.bytes)
    throw refusal(`${bytes} bytes`, "is too large", `Keep it within ${SPEC_LIMITS.bytes} bytes.`);
  const lines = new LineCounter();
  const document = parseSafely(text, lines);
  const problems = [...document.errors, ...document.warnings].map((error): SpecProblem => {
    const line = error.linePos?.[0].line;
    return {
      path: "",
      ...(line && { line }),
      value: "YAML",
      message: firstLine(error.message),
      remedy: "Correct the YAML.",
    };
  });
  // An alias can make a few lines expand to gigabytes, and a document of this size has no need for one.
  visit(document, (_, node) => {
    if (!isAlias(node)) return undefined;
    const line = node.range ? lines.linePos(node.range[0]).line : undefined;
    problems.push({
      path: "",
      ...(line && { line }),
      value: `*${node.source}`,
      message: "is an alias",
      remedy: "Write the value out.",
    });
    return undefined;
  });
  if (problems.length > 0) throw new ProductSpecError(withoutRepeats(problems));
  return { document, lines };
}

/** A document nested too deeply makes the parser say the same of every level. */
const withoutRepeats = (problems: SpecProblem[]): SpecProblem[] => [
  ...new Map(problems.map((problem) => [`${problem.line}: ${problem.message}`, problem])).values(),
];

function parseSafely(text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: true });
  } catch (cause) {
    // Thousands of nested brackets exhaust the parser's stack.
    throw refusal("YAML", `cannot be read (${String(cause)})`, "Nest less deeply.");
  }
}

const refusal = (value: string, message: string, remedy: string): ProductSpecError =>
  new ProductSpecError([{ path: "", value, message, remedy }]);

const firstLine = (text: string): string => text.split("\n", 1)[0]!.replace(/:$/, "");

function located(finding: Finding, document: Document, raw: unknown, lines: LineCounter): SpecProblem {
  const { path, message, remedy, ofKey } = finding;
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  const line = node?.range ? lines.linePos(node.range[0]).line : undefined;
  const value = ofKey ? shown(path.at(-1)) : shown(valueAt(raw, path));
  return { path: path.join("."), ...(line && { line }), value, message, remedy };
}

function valueAt(raw: unknown, path: Finding["path"]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    raw,
  );
}

function fromIssue(issue: z.core.$ZodIssue, raw: unknown): Finding[] {
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(path, raw);
      return issue.keys.map((key) => ({
        path: [...path, key],
        ofKey: true,
        message: "is not a known key",
        remedy: suggest(key, known),
      }));
    }
    case "invalid_type": {
      if (valueAt(raw, path) === undefined)
        return [{ path, message: "is missing", remedy: `Write a ${plainType(issue.expected)}.` }];
      return [{ path, message: "has the wrong type", remedy: `Write a ${plainType(issue.expected)}.` }];
    }
    case "invalid_union": {
      // The discriminator of a field, its type; written alone, it stands where the field does.
      const types = Object.keys(FIELD_TYPES);
      const at = valueAt(raw, path) === undefined ? path.slice(0, -1) : path;
      const type = valueAt(raw, at);
      const remedy = typeof type === "string" ? suggest(type, types) : `Write a "type": ${listed(types)}.`;
      return [{ path: at, message: "has no known type of field", remedy }];
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      return [{ path, message: "is not one of the choices", remedy: suggest(String(valueAt(raw, path)), values) }];
    }
    case "too_small":
      return [{ path, message: `is below the limit of ${issue.minimum}`, remedy: `Have at least ${issue.minimum}.` }];
    case "too_big":
      return [{ path, message: `is above the limit of ${issue.maximum}`, remedy: `Have at most ${issue.maximum}.` }];
    default:
      return [{ path, message: issue.message, remedy: "Correct it." }];
  }
}

const plainType = (expected: string): string => (expected === "record" || expected === "object" ? "map" : expected);

function knownKeys(path: Finding["path"], raw: unknown): string[] {
  const [top, , part] = path;
  if (path.length === 0) return Object.keys(documentSchema.shape);
  if (top === "accounts") return Object.keys(accountsSchema.shape);
  if (top === "roles") return Object.keys(roleSchema.shape);
  if (part === undefined) return Object.keys(entitySchema.shape);
  if (part === "relations") return Object.keys(relationSchema.shape);
  const type = valueAt(raw, [...path, "type"]) as keyof typeof FIELD_TYPES;
  return Object.keys(FIELD_TYPES[type]?.shape ?? {});
}

function toSpec(document: SpecDocument): ProductSpec {
  const entities = Object.entries(document.entities).map(([name, entity]): Entity => {
    const fields = Object.entries(entity.fields).map(([field, it]) => toField(field, it));
    return {
      name,
      plural: entity.plural ?? pluralOf(name),
      description: entity.description,
      title: entity.title ?? (fields.find((field) => field.type === "text") ?? fields[0]!).name,
      fields,
      relations: Object.entries(entity.relations).map(([relation, it]): Relation => ({
        ...it,
        name: relation,
        label: it.label ?? labelOf(relation),
      })),
    };
  });
  const roles = Object.entries(document.roles).map(([name, role]): Role => ({
    name,
    description: role.description,
    permissions: permissionsOf(role.permissions, entities),
  }));
  return { name: document.name, description: document.description, accounts: document.accounts, entities, roles };
}

const toField = (name: string, field: FieldDocument): Field => ({
  unique: false,
  ...field,
  name,
  label: field.label ?? labelOf(name),
});

function permissionsOf(written: Record<string, Action[]>, entities: Entity[]): Record<string, Action[]> {
  const granted = entities.map(({ name }) => {
    const actions = new Set([...(written["*"] ?? []), ...(written[name] ?? [])]);
    return [name, ACTIONS.filter((action) => actions.has(action))] as const;
  });
  return Object.fromEntries(granted.filter(([, actions]) => actions.length > 0));
}
