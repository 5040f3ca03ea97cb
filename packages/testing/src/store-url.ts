/**
 * Where a store for tests is, from the environment.
 *
 * @throws Error saying how to get one, if the variable is not set.
 */
export function storeUrl(variable: "DATABASE_URL" | "REDIS_URL"): string {
  const url = process.env[variable];
  if (url === undefined || url === "") {
    throw new Error(
      `${variable} is not set, and this test needs a real store. \`npm test\` starts the stores and sets it; ` +
        `to run one test against stores of your own, set ${variable} yourself.`,
    );
  }
  return url;
}
