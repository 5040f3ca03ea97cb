import pc from "picocolors";
import type { TaskState, WorkflowState } from "@agent-hive/contracts";

/** One line of standard output: what a command was asked for. Everything else goes to standard error. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** One line for the person at the terminal, never part of a command's data. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

const STATE_COLOURS: Record<TaskState | WorkflowState, (text: string) => string> = {
  waiting: pc.dim,
  ready: pc.cyan,
  delayed: pc.yellow,
  dispatched: pc.blue,
  running: pc.blue,
  succeeded: pc.green,
  failed: pc.red,
  cancelled: pc.magenta,
  dead: pc.red,
};

/** A state in its colour (no colour where there is no terminal, or NO_COLOR or --no-color is given). */
export function coloured(state: TaskState | WorkflowState): string {
  return STATE_COLOURS[state](state);
}

/**
 * Aligned columns, as wide as their widest cell; the last one is not padded. Cells may hold colours.
 *
 * @param rows the first is the heading.
 */
export function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => visibleLength(row[column] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat(widths[column]! - visibleLength(cell)),
      )
      .join("  "),
  );
}

function visibleLength(text: string): number {
  return text.replace(/\u001b\[\d+m/g, "").length;
}

/** `840 ms`, `1.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
