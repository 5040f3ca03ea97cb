/**
 * Problems of a definition, reported all together: whoever wrote it mends it in one go. The list is bounded, since a
 * generated definition can be wrong in a hundred thousand places, and messages are only built for what is shown.
 */

/** One thing wrong with a definition. */
export interface Problem<Code extends string = string> {
  /** Stable, for programs. */
  readonly code: Code;
  /** Where, as a JSON pointer without the leading slash: `tasks/3/dependsOn/0`. */
  readonly path: string;
  /** Names the thing, the value and the way out, for people. */
  readonly message: string;
}

/** How many problems one report lists at most; what lies beyond is counted in a last problem `more_problems`. */
export const MAX_REPORTED_PROBLEMS = 100;

/** Collects problems up to the limit and counts the rest. */
export class ProblemList<Code extends string> {
  readonly #shown: Problem<Code>[] = [];
  #omitted = 0;

  /** Takes a function, since beyond the limit the message (a cycle, the nearest names) is not worth computing. */
  add(describe: () => Problem<Code>): void {
    if (this.#shown.length < MAX_REPORTED_PROBLEMS) this.#shown.push(describe());
    else this.#omitted++;
  }

  get isEmpty(): boolean {
    return this.#shown.length === 0;
  }

  toArray(): Problem<Code | "more_problems">[] {
    if (this.#omitted === 0) return [...this.#shown];
    const message = `${this.#omitted} more problems are not listed. Mend these first and submit again.`;
    return [...this.#shown, { code: "more_problems", path: "", message }];
  }
}

/** Joins the parts of a path, escaping them as JSON pointers do. */
export function pointer(...parts: (string | number)[]): string {
  return parts.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
}
