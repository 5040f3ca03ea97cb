import type { ValueType } from "./value-types.js";

/**
 * Who reads settings. `agents` are the processes of all agent types, `launcher` is what starts a whole hive (`hive dev`,
 * `hive demo`), `cli` are the commands that talk to a running one.
 */
export const SERVICES = [
  "workflow-engine",
  "router",
  "group-coordinator",
  "agents",
  "metrics-validator",
  "launcher",
  "cli",
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A setting need not have a value; this is what happens then. */
interface NoDefault {
  readonly none: string;
}

/** What is said about one setting, in one place. Its name is that of the variable, and the key in the file. */
export interface Declaration {
  readonly type: ValueType;
  /** Written as in the environment. */
  readonly default: string | NoDefault;
  /** What it counts, if it is a number. */
  readonly unit?: string;
  /** What it is for: one sentence. */
  readonly purpose: string;
  /** Why the default, or the limit, is what it is. */
  readonly reason: string;
  readonly services: readonly ServiceName[];
  /** Never shown. */
  readonly secret?: true;
  /** Default: the name without `HIVE_`, in small letters: `--slots` of `HIVE_SLOTS`. */
  readonly flag?: `--${string}`;
  /** What is different for one service. */
  readonly own?: { readonly [Service in ServiceName]?: Partial<Pick<Declaration, "type" | "default">> };
}

/** The value of a declared setting, as one service has it. */
export type ValueOf<Declared extends Declaration, Service extends ServiceName> =
  | (Declared["type"] extends ValueType<infer Value> ? Value : never)
  | (DefaultOf<Declared, Service> extends NoDefault ? undefined : never);

type DefaultOf<Declared extends Declaration, Service extends ServiceName> = Declared extends {
  own: Record<Service, { default: infer Own }>;
}
  ? Own
  : Declared["default"];
