import type { Declaration } from "./declaration.js";
import type { Written } from "./sources.js";

const LONGEST_SHOWN = 100;

/** A value as it may be shown: of an address that may hold a password only where it leads, of other secrets nothing. */
export function maskedValue(text: string, { secret }: Pick<Declaration, "secret">): string {
  if (!secret) return withoutPassword(text);
  if (!URL.canParse(text)) return "***";
  const { protocol, host, pathname, username, password, search } = new URL(text);
  return `${protocol}//${username || password ? "***@" : ""}${host}${pathname}${search && "?***"}`;
}

/** Some text as it may be repeated in a message: short, and without a password that was put into the wrong place. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return JSON.stringify(withoutPassword(short));
}

const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/g, "//***@");

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
