// What the parts of a specification say about each other. The checks read the raw document, and pass over whatever has the
// wrong shape: the schema reports that, and everything else is still checked, so that one reading finds every problem.
import { kebabCase, pascalCase, pluralOf, relationColumn } from "./naming.js";
import { ANYONE } from "./product-spec.js";
import { RESERVED_COLUMNS, RESERVED_ENTITIES, RESERVED_PLURALS } from "./reserved-names.js";
import { listed, suggest } from "./spec-problem.js";
import { SPEC_LIMITS } from "./spec-schema.js";

/** A problem before its value and line are looked up. */
export interface Finding {
  path: (string | number)[];
  message: string;
  remedy: string;
  /** The problem is the key, not what it holds. */
  ofKey?: boolean;
}

type Raw = Record<string, unknown>;
type Path = Finding["path"];

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Checks names, limits and references of a raw document. */
export function crossChecks(document: unknown): Finding[] {
  const root = recordOf(document);
  const entities = Object.entries(recordOf(root["entities"]));
  const roles = recordOf(root["roles"]);
  return [
    ...checkSize(["entities"], entities.length, SPEC_LIMITS.entities, root["entities"], 1),
    ...checkEntityNames(entities),
    ...entities.flatMap(([name, entity]) =>
      checkEntity(["entities", name], recordOf(entity), Object.fromEntries(entities)),
    ),
    ...checkRequiredCycles(recordOf(root["entities"])),
    ...checkSize(["roles"], Object.keys(roles).length, SPEC_LIMITS.roles, root["roles"], 1),
    ...checkRoles(roles, Object.keys(recordOf(root["entities"]))),
    ...checkAccounts(recordOf(root["accounts"]), roles),
  ];
}

const recordOf = (value: unknown): Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};

const at = (record: Raw, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined);

function checkSize(path: Path, size: number, most: number, raw: unknown, least = 0): Finding[] {
  if (typeof raw !== "object" || raw === null) return [];
  if (size < least) return [{ path, message: "is empty", remedy: `Write at least ${least}.` }];
  return size > most ? [{ path, message: `has ${size} entries`, remedy: `Have at most ${most}.` }] : [];
}

function checkName(path: Path, name: string, reserved: ReadonlySet<string>): Finding[] {
  if (!NAME.test(name) || name.length > SPEC_LIMITS.nameCharacters)
    return [
      {
        path,
        ofKey: true,
        message: "is not a name",
        remedy: `Use snake_case letters and digits, at most ${SPEC_LIMITS.nameCharacters}, beginning with a letter.`,
      },
    ];
  return reserved.has(name)
    ? [{ path, ofKey: true, message: "is a reserved name", remedy: "Choose another word." }]
    : [];
}

const pluralIn = (name: string, entity: unknown): string => {
  const written = at(recordOf(entity), "plural");
  return typeof written === "string" ? written : pluralOf(name);
};

/** What an entity's types are called: the record, what is sent to make one, a page of them. */
const SCHEMAS = ["", "Input", "List"];

/** Whether there is nothing to say against a name itself, so that what follows from it is worth a look. */
const isPlainName = (name: string): boolean => NAME.test(name) && !RESERVED_ENTITIES.has(name);

/** Names must stay apart in every form they take: as tables, as paths and as the names of types. */
function checkEntityNames(entities: [string, unknown][]): Finding[] {
  const plurals = new Map<string, string>();
  const types = new Map<string, string>();
  return entities.flatMap(([name, entity]) => {
    const plural = pluralIn(name, entity);
    const hasOwnPlural = at(recordOf(entity), "plural") !== undefined;
    const path = ["entities", name];
    const pluralPath = hasOwnPlural ? [...path, "plural"] : path;
    return [
      ...checkName(path, name, RESERVED_ENTITIES),
      ...(hasOwnPlural || isPlainName(name) ? pluralFindings(pluralPath, plural, hasOwnPlural) : []),
      ...duplicate(pluralPath, kebabCase(plural), name, plurals, "its plural"),
      ...SCHEMAS.flatMap((suffix) =>
        duplicate(path, pascalCase(name) + suffix, name, types, `its type "${pascalCase(name) + suffix}"`),
      ),
    ];
  });
}

const pluralFindings = (path: Path, plural: string, isWritten: boolean): Finding[] =>
  checkName(path, plural, RESERVED_PLURALS).map((finding) => ({
    ...finding,
    ofKey: !isWritten,
    message: `has the plural "${plural}", which ${finding.message}`,
    remedy: isWritten ? finding.remedy : 'Write another "plural" for it.',
  }));

function duplicate(path: Path, form: string, owner: string, seen: Map<string, string>, what: string): Finding[] {
  const other = seen.get(form);
  seen.set(form, other ?? owner);
  if (other === undefined) return [];
  return [{ path, ofKey: true, message: `${what} is the same as that of "${other}"`, remedy: "Rename one of them." }];
}

function checkEntity(path: Path, entity: Raw, entities: Raw): Finding[] {
  const fields = recordOf(entity["fields"]);
  const relations = recordOf(entity["relations"]);
  const names = Object.keys(fields);
  return [
    ...checkSize([...path, "fields"], names.length, SPEC_LIMITS.fieldsPerEntity, entity["fields"], 1),
    ...checkSize(
      [...path, "relations"],
      Object.keys(relations).length,
      SPEC_LIMITS.relationsPerEntity,
      entity["relations"],
    ),
    ...names.flatMap((name) => checkName([...path, "fields", name], name, RESERVED_COLUMNS)),
    ...names.flatMap((name) => checkField([...path, "fields", name], recordOf(fields[name]))),
    ...checkTitle([...path, "title"], at(entity, "title"), names),
    ...Object.entries(relations).flatMap(([name, relation]) =>
      checkRelation([...path, "relations", name], name, recordOf(relation), names, entities),
    ),
  ];
}

function checkTitle(path: Path, title: unknown, fields: string[]): Finding[] {
  if (typeof title !== "string" || fields.includes(title)) return [];
  return [{ path, message: "is not a field of this entity", remedy: suggest(title, fields) }];
}

function checkField(path: Path, field: Raw): Finding[] {
  const options = at(field, "options");
  const findings = [...checkRange(path, field, "min", "max"), ...checkRange(path, field, "minLength", "maxLength")];
  if (Array.isArray(options) && new Set(options).size < options.length)
    findings.push({ path: [...path, "options"], message: "names an option twice", remedy: "Keep each option once." });
  return findings;
}

function checkRange(path: Path, field: Raw, low: string, high: string): Finding[] {
  const [least, most] = [at(field, low), at(field, high)];
  if (typeof least !== "number" || typeof most !== "number" || least <= most) return [];
  return [
    {
      path: [...path, low],
      message: `is above ${high}, which is ${most}`,
      remedy: `Lower "${low}" or raise "${high}".`,
    },
  ];
}

function checkRelation(path: Path, name: string, relation: Raw, fields: string[], entities: Raw): Finding[] {
  const findings = checkName(path, name, new Set(["constructor"]));
  const to = at(relation, "to");
  if (typeof to === "string" && !Object.hasOwn(entities, to))
    findings.push({ path: [...path, "to"], message: "is not an entity", remedy: suggest(to, Object.keys(entities)) });
  if (fields.includes(relationColumn({ name })))
    findings.push({
      path,
      ofKey: true,
      message: `needs the column "${relationColumn({ name })}", which is a field already`,
      remedy: "Rename the field or the relation.",
    });
  if (at(relation, "required") === true && at(relation, "onDelete") === "clear")
    findings.push({
      path: [...path, "onDelete"],
      message: "cannot clear a relation that is required",
      remedy: 'Write "restrict" or "cascade", or make the relation optional.',
    });
  return findings;
}

/** Entities that require each other in a circle could never get a first record. */
function checkRequiredCycles(entities: Raw): Finding[] {
  const requires = (name: string): string[] =>
    Object.values(recordOf(recordOf(at(entities, name))["relations"]))
      .map(recordOf)
      .filter((relation) => relation["required"] === true && typeof relation["to"] === "string")
      .map((relation) => relation["to"] as string);
  const reaches = (from: string): boolean => {
    const seen = new Set<string>();
    const open = requires(from);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === from) return true;
      if (!seen.has(next)) open.push(...requires(next));
      seen.add(next);
    }
    return false;
  };
  return Object.keys(entities)
    .filter(reaches)
    .map((name) => ({
      path: ["entities", name, "relations"],
      message: "requires, directly or through others, a record of its own kind, so a first one could never be made",
      remedy: "Make one relation of the circle optional.",
    }));
}

function checkRoles(roles: Raw, entities: string[]): Finding[] {
  return Object.entries(roles).flatMap(([name, role]) => {
    const permissions = recordOf(recordOf(role)["permissions"]);
    return [
      ...checkName(["roles", name], name, new Set(["constructor"])),
      ...Object.entries(permissions).flatMap(([entity, actions]) =>
        checkPermission(["roles", name, "permissions", entity], name, entity, actions, entities),
      ),
    ];
  });
}

function checkPermission(path: Path, role: string, entity: string, actions: unknown, entities: string[]): Finding[] {
  const findings: Finding[] = [];
  if (entity !== "*" && !entities.includes(entity))
    findings.push({ path, ofKey: true, message: "is not an entity", remedy: suggest(entity, [...entities, "*"]) });
  if (role === ANYONE && Array.isArray(actions) && actions.some((action) => action !== "read"))
    findings.push({
      path,
      message: "would let visitors without an account change records",
      remedy: `Leave "${ANYONE}" only "read"; give the rest to a role.`,
    });
  return findings;
}

function checkAccounts(accounts: Raw, roles: Raw): Finding[] {
  const known = Object.keys(roles).filter((role) => role !== ANYONE);
  return (["administrator", "newcomer"] as const).flatMap((key): Finding[] => {
    const role = at(accounts, key);
    const path = ["accounts", key];
    if (typeof role !== "string") return [];
    if (!known.includes(role))
      return [{ path, message: "is not a role an account can have", remedy: suggest(role, known) }];
    if (key === "newcomer" && role === accounts["administrator"])
      return [
        {
          path,
          message: "would make everyone who registers an administrator",
          remedy: `Choose another role: ${listed(known.filter((name) => name !== role))}.`,
        },
      ];
    return [];
  });
}
