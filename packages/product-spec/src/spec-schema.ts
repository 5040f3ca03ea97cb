import { z } from "zod";
import { ACTIONS } from "./product-spec.js";

/** Limits of a specification: what it describes is a small application, and it travels in messages. */
export const SPEC_LIMITS = {
  /** Bytes of the document: as JSON it must still fit into a workflow's input. */
  bytes: 48 * 1024,
  entities: 24,
  fieldsPerEntity: 40,
  relationsPerEntity: 8,
  roles: 12,
  optionsPerChoice: 30,
  nameCharacters: 40,
} as const;

const line = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, "must be one line without control characters")
    .regex(/^\S(.*\S)?$/u, "must not begin or end with a space");
const description = z
  .string()
  .max(500)
  .regex(/^[^\p{Cs}]*$/u, "must be valid Unicode")
  .transform((text) => text.replace(/[\s\p{Cc}]+/gu, " ").trim())
  .default("");

const LENGTHS = { text: { default: 200, most: 500 }, longtext: { default: 4000, most: 20_000 } };
const base = { label: line(60).optional(), required: z.boolean().default(false) };
const unique = z.boolean().default(false);

const textual = (type: "text" | "longtext") => ({
  ...base,
  type: z.literal(type),
  minLength: z.int().min(0).max(LENGTHS[type].most).default(0),
  maxLength: z.int().min(1).max(LENGTHS[type].most).default(LENGTHS[type].default),
});
const integer = z.int().min(-1e15).max(1e15);
const number = z.number().min(-1e12).max(1e12);

/** What each type of field can have, by type. */
export const FIELD_TYPES = {
  text: z.strictObject({ ...textual("text"), unique }),
  longtext: z.strictObject(textual("longtext")),
  integer: z.strictObject({
    ...base,
    type: z.literal("integer"),
    unique,
    min: integer.default(-1e15),
    max: integer.default(1e15),
  }),
  number: z.strictObject({
    ...base,
    type: z.literal("number"),
    unique,
    min: number.default(-1e12),
    max: number.default(1e12),
    decimals: z.int().min(0).max(4).default(2),
  }),
  boolean: z.strictObject({ ...base, type: z.literal("boolean") }),
  date: z.strictObject({ ...base, type: z.literal("date"), unique }),
  datetime: z.strictObject({ ...base, type: z.literal("datetime"), unique }),
  email: z.strictObject({ ...base, type: z.literal("email"), unique }),
  choice: z.strictObject({
    ...base,
    type: z.literal("choice"),
    options: z.array(line(40)).min(2).max(SPEC_LIMITS.optionsPerChoice),
  }),
};

const fieldSchema = z.discriminatedUnion("type", [
  FIELD_TYPES.text,
  FIELD_TYPES.longtext,
  FIELD_TYPES.integer,
  FIELD_TYPES.number,
  FIELD_TYPES.boolean,
  FIELD_TYPES.date,
  FIELD_TYPES.datetime,
  FIELD_TYPES.email,
  FIELD_TYPES.choice,
]);

export const relationSchema = z.strictObject({
  to: z.string(),
  label: line(60).optional(),
  required: z.boolean().default(false),
  onDelete: z.enum(["restrict", "cascade", "clear"]).default("restrict"),
});

export const entitySchema = z.strictObject({
  description,
  plural: z.string().optional(),
  /** The field by which people recognise a record; the first text field by default. */
  title: z.string().optional(),
  fields: z.record(
    z.string(),
    z.preprocess((value) => (typeof value === "string" ? { type: value } : value), fieldSchema),
  ),
  relations: z.record(z.string(), relationSchema).default({}),
});

export const roleSchema = z.strictObject({
  description,
  permissions: z.record(z.string(), z.array(z.enum(ACTIONS))).default({}),
});

export const accountsSchema = z.strictObject({ administrator: z.string(), newcomer: z.string() });

/** The document as it is written. What its parts say about each other is checked by `crossChecks`. */
export const documentSchema = z.strictObject({
  name: line(60),
  description,
  accounts: accountsSchema,
  entities: z.record(z.string(), entitySchema),
  roles: z.record(z.string(), roleSchema),
});
export type SpecDocument = z.infer<typeof documentSchema>;
export type FieldDocument = z.infer<typeof fieldSchema>;
