// The story of a run in plain sentences, each of which says only what the measurement shows.
import type { Act, Recovery } from "@agent-hive/measurement";
import { count, duration, list, number } from "../html/format.js";
import { taskKey, type Facts } from "./facts.js";

/** A way to strike a process, as the story words it. */
interface Blow {
  kind: Act["kind"];
  done: string;
  noun: string;
}

const BLOWS: readonly Blow[] = [
  { kind: "crash", done: "killed", noun: "kill" },
  { kind: "freeze", done: "frozen", noun: "freeze" },
  { kind: "isolate", done: "cut off from the network", noun: "cut" },
];

/** What happened, in the order in which one would tell it. Sentences are plain text, with names as they were given. */
export function tellStory(facts: Facts): string[] {
  return [opening(facts), company(facts), strikes(facts), recoveries(facts), refusals(facts), ending(facts)].filter(
    (sentence) => sentence !== undefined,
  );
}

function opening({ workflow, tasks }: Facts): string {
  if (!workflow) return "The demonstrated workflow is not part of this measurement.";
  const { name, state, createdAtMs, finishedAtMs } = workflow;
  const end =
    finishedAtMs === null
      ? "had not ended when it was measured"
      : `${state === "succeeded" ? "finished" : `ended as ${state}`} ${duration(finishedAtMs - createdAtMs)} after it was submitted`;
  const types = count(new Set(tasks.map(({ agentType }) => agentType)).size, "type");
  return `The workflow “${name}”, ${count(tasks.length, "task")} for ${types} of agents, ${end}.`;
}

function company({ measurement: { workflows, concurrency } }: Facts): string {
  const atOnce = `up to ${count(concurrency.mostRunning, "task")} ran at the same time`;
  return workflows.length < 2
    ? `${atOnce[0]!.toUpperCase()}${atOnce.slice(1)}.`
    : `${count(workflows.length - 1, "other workflow")} ran beside it, and ${atOnce}.`;
}

function strikes({ measurement: { acts } }: Facts): string {
  const told = BLOWS.flatMap(({ kind, done }) => {
    const many = acts.filter((act) => act.kind === kind).length;
    return many === 0 ? [] : [`${count(many, "process", "processes")} ${many === 1 ? "was" : "were"} ${done}`];
  });
  if (told.length === 0) return "No process was struck on purpose.";
  const idle = acts.filter(({ held }) => held.length === 0).length;
  return `Meanwhile ${list(told)}, ${idle === 0 ? "each while it held work" : `${number(idle)} of them holding nothing`}.`;
}

function recoveries({ measurement }: Facts): string | undefined {
  const all = measurement.recoveries;
  if (all.length === 0) return undefined;
  const elsewhere = all.filter(({ runningMs }) => runningMs !== null);
  const how = BLOWS.flatMap(({ kind, noun }) => {
    const times = runningTimes(elsewhere, kind);
    return times.length === 0 ? [] : [`after a ${noun} ${rangeOf(times)}`];
  });
  const tasks = all.length === 1 ? "The task" : `All ${number(all.length)} tasks`;
  const who =
    elsewhere.length === all.length
      ? `${tasks} they held ran on another process`
      : `Of ${count(all.length, "task")} that they held, ${number(elsewhere.length)} ran on another process`;
  return how.length === 0 ? `${who}.` : `${who}: ${list(how)}.`;
}

function runningTimes(some: readonly Recovery[], kind: Act["kind"]): number[] {
  return some.flatMap((recovery) =>
    recovery.kind === kind && recovery.runningMs !== null ? [recovery.runningMs] : [],
  );
}

function rangeOf(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const [fastest, slowest] = [duration(sorted[0]), duration(sorted.at(-1))];
  return fastest === slowest ? `within ${slowest}` : `within ${fastest} to ${slowest}`;
}

function refusals({ measurement: { attempts } }: Facts): string | undefined {
  const late = attempts.filter(({ outcome }) => outcome === "fenced").length;
  if (late === 0) return undefined;
  return late === 1
    ? "One result came late, from a process that had been given up, and was refused."
    : `${number(late)} results came late, from processes that had been given up, and were refused.`;
}

function ending(facts: Facts): string {
  const { unfinished, doubled, total } = bookkeeping(facts);
  if (total === 0) return "No task is on record.";
  if (unfinished === 0 && doubled === 0)
    return `In the end ${total === 1 ? "the task was" : `each of the ${number(total)} tasks was`} recorded exactly once: nothing was lost, and nothing was recorded twice.`;
  const faults = [
    ...(unfinished > 0 ? [`${count(unfinished, "task")} did not succeed`] : []),
    ...(doubled > 0 ? [`${count(doubled, "task")} ${doubled === 1 ? "was" : "were"} not recorded exactly once`] : []),
  ];
  return `In the end, of ${count(total, "task")}, ${list(faults)}.`;
}

/** Over all measured workflows: tasks that did not succeed, and tasks that did without exactly one recorded success. */
function bookkeeping({ measurement: { tasks, attempts } }: Facts): {
  total: number;
  unfinished: number;
  doubled: number;
} {
  const successes = new Map<string, number>();
  for (const attempt of attempts)
    if (attempt.outcome === "succeeded") successes.set(taskKey(attempt), (successes.get(taskKey(attempt)) ?? 0) + 1);
  const succeeded = tasks.filter(({ state }) => state === "succeeded");
  return {
    total: tasks.length,
    unfinished: tasks.length - succeeded.length,
    doubled: tasks.filter((task) => (successes.get(taskKey(task)) ?? 0) !== (task.state === "succeeded" ? 1 : 0))
      .length,
  };
}
