import { duration, print, tell } from "../../terminal/print.js";
import type { CheckResult } from "../validation-results.js";
import type { CheckView } from "./check-view.js";
import { headlineOf, stateOf } from "./words.js";

const STATE_WIDTH = 8;

/** A line for every check as it ends. What goes on within one is told on standard error. */
export class PlainView implements CheckView {
  began(): void {
    // A line is written once: when it is known how the check ended.
  }

  ended(result: CheckResult): void {
    const time = result.state === "skipped" ? "" : ` (${duration(result.durationMs)})`;
    print(`${stateOf(result).padEnd(STATE_WIDTH)} ${result.title}${time}: ${headlineOf(result)}`);
  }

  tell(line: string): void {
    tell(`         ${line}`);
  }

  async close(): Promise<void> {
    // Every line is out.
  }
}
