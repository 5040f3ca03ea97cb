import { TerminalError } from "@agent-hive/agent-sdk";
import type { TaskOutput } from "@agent-hive/product-spec";

/** What one check found. Neither times nor addresses: the same build gives the same report. */
export interface CheckResult {
  name: string;
  verdict: "passed" | "failed";
  /** Why it failed. */
  reason?: string;
}

/** Runs checks one after another and notes what each found; one that fails does not keep the next from running. */
export class Checklist {
  private readonly results: CheckResult[] = [];

  constructor(private readonly signal: AbortSignal) {}

  /**
   * Runs a check, which fails by throwing; answers with what it returns, or undefined if it failed.
   * Throws only if the tests as a whole are to stop.
   */
  async check<Result>(name: string, run: () => Result | Promise<Result>): Promise<Result | undefined> {
    this.signal.throwIfAborted();
    try {
      const result = await run();
      this.results.push({ name, verdict: "passed" });
      return result;
    } catch (error) {
      this.signal.throwIfAborted();
      this.results.push({ name, verdict: "failed", reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  /**
   * The report, as the output of a task.
   *
   * @throws TerminalError TESTS_FAILED naming each check that failed: building the same again would not help.
   */
  conclude(taskId: string): TaskOutput & { checks: CheckResult[] } {
    const failed = this.results.filter(({ verdict }) => verdict === "failed");
    if (failed.length > 0) {
      const lines = failed.map(({ name, reason }) => `- ${name}: ${reason}`);
      const message = `${failed.length} of ${this.results.length} checks failed in ${taskId}:\n${lines.join("\n")}`;
      throw new TerminalError("TESTS_FAILED", message, { details: { failed } });
    }
    const report = { task: taskId, passed: this.results.length, checks: this.results };
    return {
      files: { [`reports/${taskId.replaceAll("_", "-")}.json`]: `${JSON.stringify(report, undefined, 2)}\n` },
      summary: `All ${this.results.length} checks passed.`,
      checks: this.results,
    };
  }
}
