// What all sections of the report stand on: the demonstrated workflow, who is who, and the places of the page that others
// link to. Pure: it reads the input and changes nothing.
import type {
  Act,
  MeasuredAttempt,
  MeasuredTask,
  MeasuredWorkflow,
  Measurement,
  Recovery,
} from "@agent-hive/measurement";
import type { ReportInput } from "../report-input.js";
import { sampleTiers } from "./sample.js";

/** Most tasks, attempts and recoveries that the page lists one by one: more would be read by nobody, and make it slow. */
const LISTED_TASKS = 200;
export const LISTED_ATTEMPTS = 300;
export const LISTED_RECOVERIES = 200;

/** An act with its number, from 1 in order of time, and what became of the tasks that were held. */
export interface NumberedAct {
  number: number;
  anchor: string;
  act: Act;
  recoveries: Recovery[];
}

/** An attempt that the page lists, with the anchor of its row. */
export interface ListedAttempt {
  anchor: string;
  attempt: MeasuredAttempt;
}

export interface Facts {
  input: ReportInput;
  measurement: Measurement;
  /** The demonstrated workflow; undefined if the measurement does not hold it. */
  workflow: MeasuredWorkflow | undefined;
  /** Its tasks, by position. */
  tasks: MeasuredTask[];
  /** Those that the page lists: all if they are few, else those of the critical path and a sample. */
  listedTasks: MeasuredTask[];
  /** The anchors of their rows, by task id. */
  taskAnchors: ReadonlyMap<string, string>;
  /** From when the page counts: the submission of the workflow, else the begin of the window; ms since 1970. */
  originMs: number;
  /** In the order that gives them their colours. */
  agentTypes: string[];
  /** All acts by time. */
  acts: NumberedAct[];
  listedAttempts: ListedAttempt[];
  /** The lasting name of a process by its incarnation. */
  agentNames: ReadonlyMap<string, string>;
}

/** Works out what the sections share. */
export function factsOf(input: ReportInput): Facts {
  const { measurement, workflowId } = input;
  const workflow = measurement.workflows.find(({ id }) => id === workflowId);
  const acts = numberedActs(measurement);
  const tasks = measurement.tasks
    .filter((task) => task.workflowId === workflowId)
    .sort((one, other) => one.position - other.position);
  const listed = listedTasks(tasks);
  return {
    input,
    measurement,
    workflow,
    tasks,
    listedTasks: listed,
    taskAnchors: new Map(listed.map(({ taskId, position }) => [taskId, `task-${position + 1}`])),
    originMs: workflow?.createdAtMs ?? measurement.window.fromMs,
    agentTypes: agentTypesOf(measurement),
    acts,
    listedAttempts: listedAttempts(measurement, workflowId),
    agentNames: namesOfProcesses(measurement),
  };
}

/** A task of any workflow as one word. */
export function taskKey({ workflowId, taskId }: { workflowId: string; taskId: string }): string {
  return `${workflowId} ${taskId}`;
}

/** Anchor of a task's row if the page has one, else undefined. */
export function anchorOfTask(
  { input, taskAnchors }: Facts,
  { workflowId, taskId }: { workflowId: string; taskId: string },
): string | undefined {
  return workflowId === input.workflowId ? taskAnchors.get(taskId) : undefined;
}

/** Who made an attempt, by the lasting name if it is known; undefined if nobody had it. */
export function agentOf(
  { agentNames }: Facts,
  { agentId, incarnation }: Pick<MeasuredAttempt, "agentId" | "incarnation">,
): string | undefined {
  return agentId ?? (incarnation === null ? undefined : (agentNames.get(incarnation) ?? incarnation));
}

/** Place of an agent type among the colours of the page, from 0; types beyond the last colour begin again. */
export function colourOf({ agentTypes }: Pick<Facts, "agentTypes">, agentType: string): number {
  return Math.max(0, agentTypes.indexOf(agentType)) % AGENT_COLOURS;
}

/** How many colours the style sheets have for agent types. */
const AGENT_COLOURS = 8;

/** Whether a delivery ended without a result because its process was gone or taken to be. */
export function isLost({ outcome }: Pick<MeasuredAttempt, "outcome">): boolean {
  return outcome === "crashed" || outcome === "frozen" || outcome === "lost";
}

/** Each recovery belongs to the act of its kind on its incarnation that is nearest in time: there is hardly ever another. */
function numberedActs({ acts, recoveries }: Measurement): NumberedAct[] {
  const numbered = [...acts]
    .sort((one, other) => one.atMs - other.atMs)
    .map((act, index): NumberedAct => ({ number: index + 1, anchor: `act-${index + 1}`, act, recoveries: [] }));
  const byLife = Map.groupBy(numbered, ({ act }) => lifeOf(act));
  for (const recovery of recoveries) {
    const distance = ({ act }: NumberedAct): number => Math.abs(act.atMs - recovery.atMs);
    const [first, ...others] = byLife.get(lifeOf(recovery)) ?? [];
    const nearest = others.reduce((near, other) => (near && distance(near) <= distance(other) ? near : other), first);
    nearest?.recoveries.push(recovery);
  }
  return numbered;
}

const lifeOf = ({ kind, incarnation }: Pick<Act, "kind" | "incarnation">): string => `${kind} ${incarnation}`;

function agentTypesOf({ groups, tasks, attempts }: Measurement): string[] {
  const types = new Set(groups.map(({ agentType }) => agentType));
  for (const { agentType } of tasks) types.add(agentType);
  for (const { agentType } of attempts) types.add(agentType);
  return [...types];
}

/** Lost deliveries are recorded by incarnation alone; whoever else knew the process tells its name. */
function namesOfProcesses({ acts, groups, attempts }: Measurement): Map<string, string> {
  const known = [...groups.flatMap(({ consumers }) => consumers), ...acts, ...attempts];
  return new Map(
    known.flatMap(({ incarnation, agentId }) => (incarnation && agentId ? [[incarnation, agentId] as const] : [])),
  );
}

function listedTasks(tasks: readonly MeasuredTask[]): MeasuredTask[] {
  const { critical = [], other = [] } = Object.groupBy(tasks, (task) => (task.isCritical ? "critical" : "other"));
  return sampleTiers([critical, other], LISTED_TASKS).sort((one, next) => one.position - next.position);
}

/** At most `limit` of the items: first those of the demonstrated workflow, of all others an even sample. */
export function ownFirst<T>(
  { input }: Pick<Facts, "input">,
  items: readonly T[],
  limit: number,
  workflowsOf: (item: T) => readonly { workflowId: string }[],
): T[] {
  const isOwn = (item: T): boolean => workflowsOf(item).some(({ workflowId }) => workflowId === input.workflowId);
  const { own = [], others = [] } = Object.groupBy(items, (item) => (isOwn(item) ? "own" : "others"));
  return sampleTiers([own, others], limit);
}

/** The history of the demonstrated workflow first, then that of other tasks whose process was struck. */
function listedAttempts({ attempts, recoveries }: Measurement, workflowId: string): ListedAttempt[] {
  const struck = new Set(recoveries.map(taskKey));
  const own = attempts.filter((attempt) => attempt.workflowId === workflowId);
  const others = attempts.filter((attempt) => attempt.workflowId !== workflowId && struck.has(taskKey(attempt)));
  return sampleTiers([own, others], LISTED_ATTEMPTS)
    .sort((one, other) => beginOf(one) - beginOf(other))
    .map((attempt, index) => ({ anchor: `attempt-${index + 1}`, attempt }));
}

/** When an attempt began as far as is known; ms since 1970. */
function beginOf({ startedAtMs, finishedAtMs, recordedAtMs }: MeasuredAttempt): number {
  return startedAtMs ?? finishedAtMs ?? recordedAtMs;
}
