import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { SettingsError } from "../settings/settings-error.js";

/**
 * What a key allows: `read` looks at everything, `write` submits, cancels and changes, `artifacts` stores and reads the
 * large outputs of tasks, as agents do.
 */
export const SCOPES = ["read", "write", "artifacts"] as const;
export type Scope = (typeof SCOPES)[number];

const keySchema = z.strictObject({
  name: z.string().min(1).max(64),
  scopes: z.array(z.enum(SCOPES)).min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of the key: 64 hexadecimal digits in small letters"),
});

const fileSchema = z.strictObject({ keys: z.array(keySchema).min(1).max(1000) });

/** A key that is known, without the key itself. */
export type KnownKey = z.infer<typeof keySchema>;

/** A file of keys as it is written, to be turned into YAML or JSON. */
export type ApiKeysFile = z.infer<typeof fileSchema>;

/**
 * The keys that a service accepts. Only digests are kept. A plain SHA-256 is enough for keys that are random and long, as
 * all are that Agent Hive makes: there is nothing to guess that a slow digest would protect.
 */
export class ApiKeys {
  constructor(private readonly keys: readonly KnownKey[]) {}

  /** Whose key it is; undefined if nobody's. Takes as long for a wrong key as for a right one. */
  find(key: string): KnownKey | undefined {
    const digest = digestOf(key);
    return this.keys.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, "hex"), digest)).at(0);
  }
}

/** As a file of keys names it: hexadecimal digits. */
export const sha256Of = (key: string): string => digestOf(key).toString("hex");

const digestOf = (key: string): Buffer => createHash("sha256").update(key).digest();

/**
 * Reads a file of keys, YAML or JSON.
 *
 * @throws SettingsError listing every problem of the file.
 */
export function readApiKeys(file: string): ApiKeys {
  const result = fileSchema.safeParse(parsed(file));
  if (result.success) return new ApiKeys(result.data.keys);
  throw new SettingsError([`The API keys in ${file} cannot be used:\n${z.prettifyError(result.error)}`]);
}

function parsed(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SettingsError([`The API keys in ${file} cannot be read: ${(error as Error).message}`]);
  }
}
