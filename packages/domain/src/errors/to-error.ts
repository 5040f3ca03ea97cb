/**
 * Turns whatever was thrown into an `Error`, once, where it is caught. Errors are returned as they are; anything else
 * becomes the message of a new error and stays reachable as its `cause`.
 */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(describe(thrown), { cause: thrown });
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    // Circular objects and big integers have no JSON; their type is all that can be said without failing again.
    return Object.prototype.toString.call(thrown);
  }
}
