import { declarationOf, type SettingName } from "./catalogue.js";
import type { Declaration, ServiceName } from "./declaration.js";
import { describeOrigin, quoted } from "./shown.js";
import type { Given, Origin, Written } from "./sources.js";

/** A setting as one service has it. */
export interface Settled {
  readonly name: SettingName;
  readonly declared: Declaration;
  readonly origin: Origin;
  /** As it is written, or the default; undefined if there is neither. */
  readonly text: string | undefined;
  /** Undefined if there is none, or if there is a problem. */
  readonly value: unknown;
  readonly problem?: string;
}

/** Decides what one setting is for a service: what was given and can be used, else the default. */
export function settle(name: SettingName, service: ServiceName, given: Given): Settled {
  const declared = declarationOf(name, service);
  const written = given.values.get(name) ?? defaultOf(declared);
  const { text, origin } = written;
  if (text === undefined) return { name, declared, origin, text, value: undefined };
  const { success, data } = declared.type.schema.safeParse(text);
  if (success) return { name, declared, origin, text, value: data };
  return { name, declared, origin, text, value: undefined, problem: problemOf(name, declared, { text, origin }) };
}

function defaultOf({ default: usual }: Declaration): { text: string | undefined; origin: Origin } {
  return { text: typeof usual === "string" ? usual : undefined, origin: { kind: "default" } };
}

/** Never names the value of a secret, nor whatever in it is wrong. */
function problemOf(name: SettingName, declared: Declaration, written: Written): string {
  const given = declared.secret ? "is not valid" : `is ${quoted(written.text)}`;
  return `${name} ${given} (${describeOrigin(written)}). Give ${declared.type.accepts}, or leave it out: ${otherwise(declared)}.`;
}

/** What happens where a setting is not given, in words. */
function otherwise({ default: usual }: Pick<Declaration, "default">): string {
  if (typeof usual !== "string") return usual.none;
  return usual === "" ? "it is then empty" : `it is then ${usual}`;
}
