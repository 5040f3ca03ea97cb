import { readFileSync } from "node:fs";
import { join } from "node:path";

const load = (name: string): string => readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8");

/** The statements of leadership; each file says what it takes and returns. */
export const LEADERSHIP_SQL = {
  tryLock: load("try-lock"),
  createTerms: load("create-terms"),
  nextTerm: load("next-term"),
  holder: load("holder"),
  unseat: load("unseat"),
} as const;
