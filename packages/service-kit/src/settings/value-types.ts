/** The kinds of values that settings have. All are written as text: a variable, a flag and a line of a file read alike. */
import { statSync } from "node:fs";
import { z } from "zod";

/** What may be given for a setting, and what it becomes. */
export interface ValueType<Value = unknown> {
  /** Turns the text into the value. */
  readonly schema: z.ZodType<Value>;
  /** Completes "Give …". */
  readonly accepts: string;
  /** A `switch` is true as a flag without a value; a `list` may be a list in the file. */
  readonly form: "one" | "switch" | "list";
}

const one = <Value>(schema: z.ZodType<Value>, accepts: string): ValueType<Value> => ({ schema, accepts, form: "one" });

/** A whole number. */
export const integer = (range: { min: number; max: number }): ValueType<number> =>
  one(
    z.coerce.number().pipe(z.int().min(range.min).max(range.max)),
    `a whole number from ${range.min} to ${range.max}`,
  );

/** A number from 0 to 1. */
export const fraction: ValueType<number> = one(
  z.coerce.number().pipe(z.number().min(0).max(1)),
  "a number from 0 to 1",
);

/** `true`/`false`, or `1`/`0`. */
export const onOff: ValueType<boolean> = {
  schema: z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1"),
  accepts: "true or false (or 1 or 0)",
  form: "switch",
};

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(words: Words): ValueType<Words[number]> =>
  one(z.enum(words), `one of ${words.join(", ")}`);

/** Text of a bounded length, in characters. */
export const text = ({ min = 0, max }: { min?: number; max: number }): ValueType<string> =>
  one(z.string().min(min).max(max), min === 0 ? `at most ${max} characters` : `${min} to ${max} characters`);

/** Text without blanks, of a bounded length: what can stand in a header. */
export const token = ({ min, max }: { min: number; max: number }): ValueType<string> =>
  one(
    z.string().regex(new RegExp(`^[!-~]{${min},${max}}$`)),
    `${min} to ${max} letters, digits and signs, without blanks`,
  );

/** A host name or an IP address: what a server can listen at. */
export const host: ValueType<string> = one(z.string().regex(/^[^\s/]+$/), "a host name or an IP address");

/** A file that there is. Relative paths start at the folder in which the process was started. */
export const file: ValueType<string> = one(
  z.string().refine((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false),
  "the path of a file that exists",
);

/** An address with one of these schemes. */
export const address = (...schemes: string[]): ValueType<string> =>
  one(
    z.url({ protocol: new RegExp(`^(${schemes.join("|")})$`) }),
    `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  );

/** One value or more, separated by commas. */
export const listOf = <Item>(item: ValueType<Item>): ValueType<Item[]> => ({
  schema: z
    .string()
    .transform((written) => written.split(",").map((part) => part.trim()))
    .pipe(z.array(item.schema as z.ZodType<Item, string>)),
  accepts: `${item.accepts}, or several of them, separated by commas`,
  form: "list",
});
