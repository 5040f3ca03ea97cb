import { MAX_REPORTED_PROBLEMS, nearest } from "@agent-hive/domain";

const LONGEST_NAME = 64;

/** One thing that is wrong with a specification. */
export interface SpecProblem {
  /** Where, e.g. `entities.book.fields.price.min`; empty for the whole document. */
  path: string;
  /** The line of the document, from 1, where it is known. */
  line?: number;
  /** What is there, as JSON, shortened. */
  value: string;
  /** What is wrong with it. */
  message: string;
  /** The way out. */
  remedy: string;
}

/** A specification that cannot be built from; its message lists the first 100 problems, `problems` holds all. */
export class ProductSpecError extends Error {
  override readonly name = "ProductSpecError";

  constructor(readonly problems: readonly SpecProblem[]) {
    const lines = problems.slice(0, MAX_REPORTED_PROBLEMS).map(lineOf);
    const rest = problems.length - lines.length;
    if (rest > 0) lines.push(`- and ${rest} more`);
    super(`The product specification has ${count(problems.length)}:\n${lines.join("\n")}`);
  }
}

const count = (problems: number): string => (problems === 1 ? "a problem" : `${problems} problems`);

function lineOf({ path, line, value, message, remedy }: SpecProblem): string {
  const where = [path || "document", line === undefined ? "" : ` (line ${line})`].join("");
  return `- ${where}: ${message}, found ${value}. ${remedy}`;
}

const SHOWN_CHARACTERS = 60;

/** A value as it is shown in a problem. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

/** Names in quotes, for a remedy. */
export const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** A remedy that offers the nearest of the known names, if one is near, and lists them. */
export function suggest(written: string, known: readonly string[]): string {
  const [near] = nearest(written.slice(0, LONGEST_NAME), known, 1);
  const offer = near === undefined ? "" : `Did you mean "${near}"? `;
  return known.length === 0 ? "There is none to choose from." : `${offer}Known: ${listed(known)}.`;
}
