import type { Settled } from "./settle.js";
import type { Written } from "./sources.js";

const LONGEST_SHOWN = 100;
const HIDDEN = "***";

/** A value as it may be shown to anybody: of a secret address only where it leads, and nothing if that is in doubt. */
export function shownValue({ text, declared, problem }: Omit<Settled, "name">): string | null {
  if (text === undefined) return null;
  if (!declared.secret) return withoutPassword(text);
  return problem === undefined && URL.canParse(text) ? placeOf(text) : HIDDEN;
}

/** Without account and query. A password with `/`, `?` or `#` in it, unescaped, would look like a part of the place. */
function placeOf(address: string): string {
  const { protocol, host, pathname, username, password, search, hash } = new URL(address);
  if (`${pathname}${search}${hash}`.includes("@")) return HIDDEN;
  return `${protocol}//${username || password ? `${HIDDEN}@` : ""}${host}${pathname}${search && `?${HIDDEN}`}`;
}

/** Some text as it may be repeated in a message: short, and without a password that was put into the wrong place. */
export function quoted(text: string): string {
  const safe = withoutPassword(text);
  return JSON.stringify(safe.length > LONGEST_SHOWN ? `${safe.slice(0, LONGEST_SHOWN)}…` : safe);
}

const withoutPassword = (text: string): string => text.replace(/\/\/\S*@/g, `//${HIDDEN}@`);

/** Where a value comes from, in words. */
export function describeOrigin({ origin }: Pick<Written, "origin">): string {
  switch (origin.kind) {
    case "flag":
      return `flag ${origin.flag}`;
    case "file":
      return `file ${origin.path}`;
    default:
      return origin.kind;
  }
}
