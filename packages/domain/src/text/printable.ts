/**
 * What names may hold. Any script may be written, but nothing that hides in a terminal or a page: no control characters,
 * no lone surrogates, no line separators, nothing that turns the direction of writing.
 */

const UNPRINTABLE = "\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff";

/** Text that shows everything that it holds. */
export const PRINTABLE_PATTERN = new RegExp(`^[^${UNPRINTABLE}]*$`, "u");
export const NOT_PRINTABLE =
  "must not hold control characters, nor any that change the direction of writing. Remove them";

/** Longest name of a capability, in characters. */
export const MAX_CAPABILITY_LENGTH = 128;
/** What handlers and other capabilities may be called: messages list them with commas in between. */
export const CAPABILITY_PATTERN = new RegExp(`^[^,${UNPRINTABLE}]+$`, "u");
export const NOT_A_CAPABILITY = "must have at least one character, no comma, and no control characters";

/** Whether handlers and other capabilities may be called so. */
export const isCapability = (name: string): boolean =>
  name.length <= MAX_CAPABILITY_LENGTH && CAPABILITY_PATTERN.test(name);
