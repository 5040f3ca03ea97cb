import { z } from "zod";
import { LOG_LEVELS } from "@agent-hive/telemetry";
import { nearest } from "@agent-hive/domain";

/** The environment cannot be used as it is. The message lists every problem with its remedy. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly string[]) {
    super(`Settings are not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** `true`/`false` (or `1`/`0`) in the environment. */
export const booleanSetting = z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1");

/** A whole number in the environment. */
export const integerSetting = (range: { min: number; max: number }) =>
  z.coerce.number().pipe(z.int().min(range.min).max(range.max));

/** One value or more in the environment, separated by commas. */
export const listSetting = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(item));

/** What every service reads. */
export const commonSettings = {
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default("redis://127.0.0.1:6379"),
  /** Put before every key: lets several hives share one Redis. */
  HIVE_KEY_PREFIX: z.string().max(64).default(""),
  /** Loopback only, unless told otherwise. */
  HIVE_HTTP_HOST: z.string().default("127.0.0.1"),
  /** 0 lets the system choose a free port. */
  HIVE_HTTP_PORT: integerSetting({ min: 0, max: 65_535 }).default(0),
  /** Stable name of this process over its lives. Default: the service and the process id. */
  HIVE_AGENT_ID: z.string().min(1).max(128).optional(),
  HIVE_AGENT_TYPES_FILE: z.string().optional(),
  /** Enables the handlers that only make load (noop, echo, hash, effect, fault). */
  HIVE_LOAD_HANDLERS: booleanSetting.default(false),
  HIVE_LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
};

/**
 * Reads settings from the environment, all at once, and freezes them.
 *
 * @param shape schemas by the names of the environment variables; an empty variable counts as absent.
 * @param env default `process.env`.
 * @throws SettingsError naming every invalid value, and every `HIVE_` name that looks like a misspelt one. Other unknown
 *   names are let pass: services of one hive share an environment.
 */
export function readSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = z.object(shape).safeParse(present);
  const problems = [
    ...(result.error?.issues.map((issue) => describe(issue, present)) ?? []),
    ...misspelt(present, Object.keys(shape)),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(result.data!);
}

function describe(issue: z.core.$ZodIssue, env: Record<string, unknown>): string {
  const name = String(issue.path[0] ?? "");
  if (env[name] === undefined) return `${name} is required`;
  // The value of something that may hold a password is not repeated.
  const value = /URL|SECRET|KEY|PASSWORD/.test(name) ? "" : ` ${JSON.stringify(env[name])}`;
  return `${name}${value}: ${issue.message}`;
}

function misspelt(env: Record<string, unknown>, known: string[]): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("HIVE_") && !known.includes(name))
    .flatMap((name) => {
      const [likely] = nearest(name, known, 1);
      return likely === undefined ? [] : [`${name} is not a setting; did you mean ${likely}?`];
    });
}
