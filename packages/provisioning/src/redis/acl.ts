import { createHash } from "node:crypto";
import type { Rights } from "./rights.js";

/** Nobody may do anything without an account. */
const NO_DEFAULT = "user default off nopass resetkeys resetchannels -@all";
/** For health checks, which would otherwise need a password: it may ask whether Redis answers, and nothing else. */
const PROBE = "user probe on nopass resetkeys resetchannels -@all +ping";

/** One account of an ACL file. */
export interface RedisAccount {
  name: string;
  password: string;
  /** Undefined: everything, for people who look after Redis. */
  rights?: Rights;
}

/**
 * The text of an ACL file (`aclfile`), which has digests in place of passwords.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
export function aclFile(accounts: readonly RedisAccount[]): string {
  const users = accounts.map((account) => `user ${account.name} ${aclRules(account).join(" ")}`);
  return [NO_DEFAULT, PROBE, ...users, ""].join("\n");
}

/** The rules of one account, as ACL SETUSER takes them. */
export function aclRules({ password, rights }: RedisAccount): string[] {
  const secret = `#${createHash("sha256").update(password).digest("hex")}`;
  const beginning = ["reset", "on", secret];
  if (rights === undefined) return [...beginning, "~*", "&*", "+@all"];
  const selectors = rights.onKeys.map(
    ({ commands, keys }) => `(${[...keys.map((key) => `~${key}`), ...commands.map(allowed)].join(" ")})`,
  );
  return [...beginning, ...rights.keyless.map(allowed), ...selectors];
}

const allowed = (command: string): string => `+${command}`;
