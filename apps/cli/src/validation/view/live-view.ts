import { Listr } from "listr2";
import pc from "picocolors";
import { duration } from "../../terminal/print.js";
import type { Check } from "../check.js";
import type { CheckResult } from "../validation-results.js";
import type { CheckView } from "./check-view.js";
import { headlineOf } from "./words.js";

/** A line of the list: begun by the list when all before it have ended, ended by the run. */
interface Line {
  ended: Promise<CheckResult | undefined>;
  end: (result: CheckResult | undefined) => void;
  tell: (line: string) => void;
}

/** All checks in a list that redraws itself. */
export class LiveView implements CheckView {
  private readonly lines = new Map<string, Line>();
  private readonly shown: Promise<unknown>;
  private current: Line | undefined;

  constructor(checks: readonly Pick<Check, "id" | "title">[]) {
    const tasks = checks.map(({ id, title }) => {
      const line = newLine();
      this.lines.set(id, line);
      return { title, task: (_: unknown, task: ListTask) => show(line, title, task) };
    });
    const options = { exitOnError: false, registerSignalListeners: false, renderer: "default" } as const;
    this.shown = new Listr(tasks, { ...options, rendererOptions: { showErrorMessage: false } }).run();
    this.shown.catch(() => undefined); // what failed is in the results
  }

  began({ id }: Check): void {
    this.current = this.lines.get(id);
  }

  ended(result: CheckResult): void {
    this.lines.get(result.id)?.end(result);
  }

  tell(line: string): void {
    this.current?.tell(line);
  }

  async close(): Promise<void> {
    for (const line of this.lines.values()) line.end(undefined);
    await this.shown.catch(() => undefined);
  }
}

/** What is used of listr2's task. */
interface ListTask {
  title: string;
  output: string;
  skip(message?: string): void;
}

function newLine(): Line {
  const { promise, resolve } = Promise.withResolvers<CheckResult | undefined>();
  return { ended: promise, end: resolve, tell: () => undefined };
}

async function show(line: Line, title: string, task: ListTask): Promise<void> {
  line.tell = (text) => (task.output = text);
  const result = await line.ended;
  if (result === undefined) return task.skip(title);
  const told = `${title} ${pc.dim(`${duration(result.durationMs)}: ${headlineOf(result)}`)}`;
  if (result.state === "skipped") return task.skip(told);
  task.title = told;
  if (result.state === "failed") throw new Error(headlineOf(result));
}
