import { stepsOf, type RunTotals, type StepTotals } from "@agent-hive/measurement";
import type { Window } from "./primary-records.js";

/** What began and ended in one step; see `steps.sql`. */
export interface StepRow {
  step: number;
  dispatched: number;
  recorded: number;
  results: number;
  succeeded: number;
  started: number;
  stopped: number;
  created: number;
  finished: number;
}

/** Adds up, step by step, what began and ended; steps in which nothing happened have no row. */
export function stepTotalsOf(window: Window, rows: readonly StepRow[]): Pick<RunTotals, "stepMs" | "steps"> {
  const { stepMs, ends } = stepsOf(window);
  const byStep = new Map(rows.map((row) => [row.step, row]));
  const going = { inFlight: 0, running: 0, workflows: 0 };
  const pass = (row: StepRow | undefined): void => {
    if (row === undefined) return;
    going.inFlight += row.dispatched - row.recorded;
    going.running += row.started - row.stopped;
    going.workflows += row.created - row.finished;
  };
  pass(byStep.get(-1));
  const steps = ends.map((_, step): StepTotals => {
    const row = byStep.get(step);
    pass(row);
    const { dispatched = 0, results = 0, succeeded = 0 } = row ?? {};
    return { dispatched, results, succeeded, ...going };
  });
  return { stepMs, steps };
}
