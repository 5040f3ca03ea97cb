import type { ActRecord } from "@agent-hive/chaos";
import type { AttemptView, HiveEvent, Verdict, WorkflowState } from "@agent-hive/contracts";
import type { AgentType } from "@agent-hive/launcher";
import { wholeGroup } from "./agents.js";
import type { Bench } from "./check.js";
import { ended, single, submitOne } from "./workload.js";

type Fault = "crash" | "freeze";

/** What became of a task whose process was struck. Times are milliseconds from the blow, null if it never came to that. */
export interface Struck {
  act: Fault;
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
export async function strike(bench: Bench, agentType: AgentType, act: Fault): Promise<Struck> {
  const { group } = await wholeGroup(bench, agentType);
  const taskId = `${act}_${agentType}`;
  const record = await ambush(bench, { agentType, act, taskId });
  await bench.measured?.note(record.act);
  const { agentId } = record.act;
  const workflow = await ended(bench, record.workflowId);
  const lateResultRefused = act === "freeze" ? await thaw(bench, { agentId, group, taskId }) : null;
  const attempts = await bench.client.attempts(workflow.id);
  const recorded = attempts.filter(({ outcome }) => outcome === "succeeded").length;
  const recovery = recoveryOf(record.act, attempts, await bench.client.verdicts());
  return { act, agentId, state: workflow.state, ...recovery, recorded, lateResultRefused };
}

/** @param attempts those of a workflow of one task. */
export function recoveryOf(
  { incarnation, at }: Pick<ActRecord, "incarnation" | "at">,
  attempts: readonly Pick<AttemptView, "outcome" | "incarnation" | "startedAt">[],
  verdicts: readonly Pick<Verdict, "incarnation" | "at">[],
): Pick<Struck, "noticedMs" | "runningMs"> {
  const since = (time: string | null | undefined): number | null =>
    time ? Math.max(0, Date.parse(time) - Date.parse(at)) : null;
  const verdict = verdicts.find((each) => each.incarnation === incarnation);
  const elsewhere = attempts.find((each) => each.outcome === "succeeded" && each.incarnation !== incarnation);
  return { noticedMs: since(verdict?.at), runningMs: since(elsewhere?.startedAt) };
}

/** The agent stands still where it is struck, so that the task is in its hands for certain. */
async function ambush(
  bench: Bench,
  { agentType, act, taskId }: { agentType: AgentType; act: Fault; taskId: string },
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
