import type { ActRecord } from "@agent-hive/chaos";
import type { HiveEvent, WorkflowState } from "@agent-hive/contracts";
import type { AgentType } from "@agent-hive/launcher";
import { recoveriesOf, type Fault } from "./recoveries.js";
import { wholeGroup } from "./agents.js";
import type { Bench } from "./check.js";
import { ended, single, submitOne } from "./workload.js";

/** What became of a task whose process was struck. Times are milliseconds from the blow, null if it never came to that. */
export interface Struck {
  act: Fault["act"];
  agentId: string;
  /** How its workflow ended. */
  state: WorkflowState;
  /** Until the coordinator gave its verdict. */
  noticedMs: number | null;
  /** Until the task ran in another process, by its recorded start. */
  runningMs: number | null;
  /** How often the task's result was recorded. */
  recorded: number;
  /** Whether what the process sent afterwards was refused; null if it was killed, and sent nothing. */
  lateResultRefused: boolean | null;
}

const STRUCK_WITHIN_MS = 30_000;
const REFUSED_WITHIN_MS = 10_000;

/**
 * Has an agent of the type take a task, kills it as it starts that, or freezes it with its result in its hands, and follows
 * the task to its end. The group is whole before: with nobody left, one would measure how fast a process starts.
 *
 * @throws Error if no agent came to the task, or the workflow did not end.
 */
export async function strike(bench: Bench, agentType: AgentType, act: Fault["act"]): Promise<Struck> {
  const { group } = await wholeGroup(bench, agentType);
  const taskId = `${act}_${agentType}`;
  const record = await ambush(bench, { agentType, act, taskId });
  await bench.measured?.note(record.act);
  const { agentId, incarnation, at } = record.act;
  const workflow = await ended(bench, record.workflowId);
  const lateResultRefused = act === "freeze" ? await thaw(bench, { agentId, group, taskId }) : null;
  const attempts = await bench.client.attempts(workflow.id);
  const fault: Fault = {
    act,
    agentId,
    agentType,
    taskId,
    incarnation: incarnation!,
    attempt: 1,
    atMs: Date.parse(at),
  };
  const [recovery] = recoveriesOf([fault], attempts, await bench.client.verdicts(), bench.recorder.events);
  const { noticedMs, runningMs } = recovery!;
  const recorded = attempts.filter(({ outcome }) => outcome === "succeeded").length;
  return { act, agentId, state: workflow.state, noticedMs, runningMs, recorded, lateResultRefused };
}

/** The agent stands still where it is struck, so that the task is in its hands for certain. */
async function ambush(
  bench: Bench,
  { agentType, act, taskId }: { agentType: AgentType; act: Fault["act"]; taskId: string },
): Promise<{ act: ActRecord; workflowId: string }> {
  const laid = bench.chaos.arm({ agentType, taskId, act, moment: act === "crash" ? "started" : "finished" });
  const timer = setTimeout(() => laid.stop(), STRUCK_WITHIN_MS);
  try {
    await laid.armed;
    const workflowId = await submitOne(bench, single(agentType, taskId));
    const [record] = await laid.done;
    if (record) return { act: record, workflowId };
    throw new Error(`No agent of "${agentType}" came to task "${taskId}" within ${STRUCK_WITHIN_MS / 1000} s.`);
  } finally {
    clearTimeout(timer);
    laid.stop();
  }
}

/** Wakes the frozen process once its task is done elsewhere, and tells whether its late result was refused. */
async function thaw(
  { chaos, recorder }: Bench,
  { agentId, group, taskId }: { agentId: string; group: string; taskId: string },
): Promise<boolean> {
  const isRefused = (event: HiveEvent): boolean =>
    event.type === "task.fenced" && event.agentId === agentId && event.taskId === taskId;
  await chaos.recoverAgent(agentId, group);
  return recorder.find(`The refusal of the late result of ${agentId}`, isRefused, REFUSED_WITHIN_MS).then(
    () => true,
    () => false,
  );
}
