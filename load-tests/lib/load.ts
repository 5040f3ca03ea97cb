/** What scenarios share that submit many workflows and look at the end what became of them. */
import { sleep } from "k6";
import exec from "k6/execution";
import { Counter, Gauge, Rate, Trend } from "k6/metrics";
import { elevenTasks } from "./eleven-tasks.ts";
import { requireHive, statistics, submit, waitUntilFinished, type Statistics } from "./hive.ts";
import { messagesOf } from "./messages.ts";

/** Of so many requests one has its first workflow watched until it ends: to watch all would be a load of its own. */
const WATCHED_OF = 20;
const LOOK_EVERY_MS = 100;
const DRAINED_WITHIN_MS = 300_000;
const LOOK_AT_ALL_EVERY_S = 1;

const accepted = new Counter("workflows_accepted");
const refused = new Rate("submissions_refused");
const duration = new Trend("workflow_duration", true);
/** Of those that the hive has recorded since the start. */
const recorded = new Gauge("workflows_recorded");
const notSucceeded = new Gauge("workflows_not_succeeded");
const messagesPerSecond = new Gauge("messages_per_second");

/** What was there before the run, for the difference. */
export interface Before {
  startedAtMs: number;
  statistics: Statistics;
}

/** @throws Error if there is no hive to be loaded. */
export function begin(): Before {
  requireHive();
  return { startedAtMs: Date.now(), statistics: required() };
}

/** Submits workflows of eleven tasks that do nothing, all in one request. */
export function submitWorkflows(count: number, { startedAtMs }: Before): void {
  const { iterationInTest, name } = exec.scenario;
  const key = `load-${startedAtMs}-${name}-${iterationInTest}`;
  const startedAt = Date.now();
  const ids = submit(bodyOf(count), key);
  refused.add(ids === undefined);
  if (ids === undefined) return;
  accepted.add(ids.length);
  if (iterationInTest % WATCHED_OF !== 0) return;
  waitUntilFinished(ids[0]!, DRAINED_WITHIN_MS, LOOK_EVERY_MS);
  duration.add(Date.now() - startedAt);
}

/** Waits until all has ended, and notes what it came to. */
export function end(before: Before): void {
  const after = drained();
  const seconds = (Date.now() - before.startedAtMs) / 1000;
  const since = (state: string): number => (after.workflows[state] ?? 0) - (before.statistics.workflows[state] ?? 0);
  const all = total(after.workflows) - total(before.statistics.workflows);
  recorded.add(all);
  notSucceeded.add(all - since("succeeded"));
  messagesPerSecond.add(messagesOf(after.tasks.succeeded - before.statistics.tasks.succeeded) / seconds);
}

/** Workflows that have not ended. */
export function openWorkflows(): number {
  return required().workflows["running"] ?? 0;
}

function drained(): Statistics {
  const deadline = Date.now() + DRAINED_WITHIN_MS;
  for (;;) {
    const now = statistics();
    if (now && ((now.workflows["running"] ?? 0) === 0 || Date.now() > deadline)) return now;
    if (Date.now() > deadline)
      throw new Error("No engine has answered for minutes: what became of the run is not known.");
    sleep(LOOK_AT_ALL_EVERY_S);
  }
}

function required(): Statistics {
  const now = statistics();
  if (now === undefined) throw new Error("The engine did not give its statistics.");
  return now;
}

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const bodies: Record<number, string> = {};

/** Written once: what k6 spends on it is taken from the machine that is measured. */
function bodyOf(count: number): string {
  const workflow = { name: "load", tasks: elevenTasks("noop") };
  return (bodies[count] ??= JSON.stringify(Array.from({ length: count }, () => workflow)));
}
