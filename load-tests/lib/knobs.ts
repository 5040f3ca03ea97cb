/** What can be chosen from outside: environment variables, checked before anything is sent. */

/** A whole number that may be given. @param name e.g. `LOAD_SECONDS`. */
export function numberFrom(name: string, otherwise: number, least = 1, most = 1_000_000): number {
  const text = __ENV[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${name} is "${text}". Give a whole number from ${least} to ${most}.`);
  }
  return value;
}
