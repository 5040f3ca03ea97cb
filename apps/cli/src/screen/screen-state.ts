/** What is on the screen, as a pure function of what was recorded. */
import type { HiveEvent } from "@agent-hive/contracts";
import type { RecordedMoment } from "./recording.js";

export type TaskLook = "waiting" | "dispatched" | "running" | "struck" | "succeeded" | "failed";

export interface ScreenTask {
  id: string;
  agentType: string;
  dependsOn: string[];
  /** How many tasks lie before it on the longest way. */
  level: number;
  look: TaskLook;
  /** Who had it last. */
  agentId: string | undefined;
  /** Deliveries that were lost with their process. */
  lost: number;
}

export interface ScreenPhase {
  title: string;
  state: "began" | "done" | "failed";
}

/** Something that an onlooker should not miss. */
export interface Happening {
  atMs: number;
  text: string;
  kind: "crash" | "claim" | "good" | "note";
}

export interface ScreenState {
  atMs: number;
  phases: ScreenPhase[];
  /** How many phases there are. */
  phaseCount: number;
  /** The latest word of a phase. */
  told: string;
  workflow: { id: string; name: string } | undefined;
  /** By level, then in the order of the workflow. */
  tasks: ScreenTask[];
  groups: Extract<RecordedMoment, { type: "groups" }>["groups"];
  /** The latest last. */
  happenings: Happening[];
  /** Messages told in each second of the run: dispatches, starts and results. */
  perSecond: number[];
}

export const EMPTY_SCREEN: ScreenState = {
  atMs: 0,
  phases: [],
  phaseCount: 0,
  told: "",
  workflow: undefined,
  tasks: [],
  groups: [],
  happenings: [],
  perSecond: [],
};

const KEPT_HAPPENINGS = 200;
const MESSAGES = new Set<HiveEvent["type"]>(["task.dispatched", "task.started", "task.succeeded", "task.failed"]);

/** What is on the screen at a moment of a recording. */
export function screenAt(moments: readonly RecordedMoment[], atMs: number): ScreenState {
  let state = EMPTY_SCREEN;
  for (const moment of moments) {
    if (moment.atMs > atMs) break;
    state = advance(state, moment);
  }
  return { ...state, atMs };
}

/** The screen after one more moment. */
export function advance(state: ScreenState, moment: RecordedMoment): ScreenState {
  const at = { ...state, atMs: Math.max(state.atMs, moment.atMs) };
  switch (moment.type) {
    case "phase":
      return withPhase(at, moment);
    case "workflow":
      return { ...at, workflow: { id: moment.id, name: moment.name }, tasks: tasksOf(moment) };
    case "groups":
      return { ...at, groups: moment.groups };
    case "event":
      return withEvent(at, moment.event, moment.atMs);
  }
}

function withPhase(
  state: ScreenState,
  { number, of, title, state: what, text }: Extract<RecordedMoment, { type: "phase" }>,
) {
  const phases = [...state.phases];
  phases[number - 1] = { title, state: what === "told" ? "began" : what };
  return { ...state, phases, phaseCount: of, told: text === "" ? state.told : text };
}

function tasksOf({ tasks }: Extract<RecordedMoment, { type: "workflow" }>): ScreenTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const levels = new Map<string, number>();
  const levelOf = (id: string): number => {
    const known = levels.get(id);
    if (known !== undefined) return known;
    levels.set(id, 0); // ends a circle, which no workflow has
    const before = byId.get(id)?.dependsOn ?? [];
    const level = before.length === 0 ? 0 : 1 + Math.max(...before.map(levelOf));
    levels.set(id, level);
    return level;
  };
  return tasks
    .map((task) => ({ ...task, level: levelOf(task.id), look: "waiting" as const, agentId: undefined, lost: 0 }))
    .sort((one, other) => one.level - other.level);
}

function withEvent(state: ScreenState, event: HiveEvent, atMs: number): ScreenState {
  if (event.workflowId !== undefined && state.workflow !== undefined && event.workflowId !== state.workflow.id)
    return state;
  const counted = MESSAGES.has(event.type) ? { ...state, perSecond: counting(state.perSecond, atMs) } : state;
  const happening = happeningOf(event, atMs);
  return {
    ...counted,
    tasks: counted.tasks.map((task) => (task.id === event.taskId ? withTaskEvent(task, event) : task)),
    happenings: happening ? [...counted.happenings, happening].slice(-KEPT_HAPPENINGS) : counted.happenings,
  };
}

function counting(perSecond: readonly number[], atMs: number): number[] {
  const second = Math.floor(atMs / 1000);
  const counts = Array.from({ length: Math.max(perSecond.length, second + 1) }, (_, index) => perSecond[index] ?? 0);
  counts[second]!++;
  return counts;
}

const isOver = ({ look }: ScreenTask): boolean => look === "succeeded" || look === "failed";

/** Events may come late and out of order: what is over stays over. */
function withTaskEvent(task: ScreenTask, { type, agentId = task.agentId }: HiveEvent): ScreenTask {
  if (type === "delivery.crashed") return { ...task, lost: task.lost + 1, look: isOver(task) ? task.look : "struck" };
  if (type === "task.succeeded") return { ...task, look: "succeeded", agentId };
  if (isOver(task)) return task;
  if (type === "task.failed" || type === "task.dead" || type === "task.cancelled")
    return { ...task, look: "failed", agentId };
  if (type === "task.started" || type === "delivery.claimed") return { ...task, look: "running", agentId };
  if (type === "task.dispatched") return { ...task, look: "dispatched" };
  if (type === "chaos.held") return { ...task, look: "struck", agentId };
  return task;
}

function happeningOf(
  { type, agentId = "somebody", taskId = "a task", data }: HiveEvent,
  atMs: number,
): Happening | undefined {
  const happening = (kind: Happening["kind"], text: string): Happening => ({ atMs, kind, text });
  if (type === "chaos.held") return happening("crash", `${agentId} is struck at ${taskId}`);
  if (type === "consumer.dead") {
    return happening("crash", `${agentId} is declared dead: it ${data?.["kind"] === "frozen" ? "froze" : "crashed"}`);
  }
  if (type === "delivery.claimed") return happening("claim", `${taskId} is claimed by ${agentId}`);
  if (type === "consumer.joined") return happening("note", `${agentId} joined`);
  if (type === "task.fenced") return happening("good", `a late result of ${agentId} for ${taskId} was refused`);
  if (type === "task.failed" || type === "task.dead") return happening("crash", `${taskId} failed`);
  if (type === "workflow.succeeded") return happening("good", "the workflow succeeded");
  if (type === "workflow.failed") return happening("crash", "the workflow failed");
  return undefined;
}
