import type { Invariant } from "../measurement.js";

/** Enough to see what kind of thing is wrong. */
const MOST_VIOLATIONS = 20;

/** Takes down what was looked at, and what was found wrong. */
export class Findings {
  private checked = 0;
  private wrong = 0;
  private readonly violations: string[] = [];

  /** One fact was looked at; `violation` says what is wrong with it, and is asked only if something is. */
  check(holds: boolean, violation: () => string): void {
    this.checked++;
    if (holds) return;
    this.wrong++;
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push(violation());
  }

  /** An invariant that looked at nothing does not hold. */
  verdict(id: Invariant["id"], name: string): Invariant {
    const { checked, wrong, violations } = this;
    const more = wrong - violations.length;
    const listed = more > 0 ? [...violations, `And ${more} more.`] : violations;
    return { id, name, holds: checked > 0 && wrong === 0, checked, violations: listed };
  }
}

/** The last moment that a date can name. */
const LAST_MS = 8.64e15;

/** Times in sentences: as ISO 8601, with the milliseconds that differences are about. */
export function at(ms: number | null): string {
  if (ms === null) return "never";
  return Math.abs(ms) <= LAST_MS ? new Date(ms).toISOString() : String(ms);
}
