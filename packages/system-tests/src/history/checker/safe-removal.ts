import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";
import { workflowOf, type NoteOf } from "./notes.js";
import type { Findings } from "./verdict.js";
import type { EntryFacts } from "./facts.js";
import type { World } from "./world.js";

/** I7: no entry goes before its attempt is over. Judged by removed consumers, back-up timeouts, and a look at the end. */
export const safeRemoval: Judge = {
  see(note, call, world, findings) {
    if (note.e === "removed" && note.answer === 0) judgeRemoved(note, invocation(note, call), world, findings);
    if (note.e === "recorded") judgeBackUpTimeouts(note, invocation(note, call), world, findings);
    if (note.e === "look") judgeLook(note, world, findings);
  },
};

function judgeRemoved(note: NoteOf<"removed">, remove: NoteOf<"remove"> | undefined, world: World, findings: Findings) {
  if (remove === undefined) return;
  const { group, consumer } = remove;
  const judged = world.incarnation(consumer).judged?.t ?? -Infinity;
  // A claim that was not answered may have taken them.
  if ([...(world.openClaims.get(group) ?? [])].some((claim) => claim.t > judged)) return;
  for (const [key, entry] of world.entries) {
    if (!key.startsWith(`${group} `) || entry.owner !== consumer || entry.mayBeGone || isOver(entry, world)) continue;
    const message = `Consumer ${consumer} was removed from ${group} while it held entry ${key.slice(group.length + 1)}.`;
    findings.report("I7", message, entry.taskKey ?? consumer, entry.note, remove, note);
  }
}

function isOver({ taskKey, attempt }: EntryFacts, world: World): boolean {
  if (taskKey === null || attempt === null || world.retired.has(workflowOf(taskKey))) return true;
  const task = world.task(taskKey);
  const workflow = world.workflows.get(workflowOf(taskKey));
  return (
    workflow?.finished !== undefined || task?.applied.has(attempt) === true || (task?.granted?.attempt ?? 0) > attempt
  );
}

const isHeld = (taskKey: string, attempt: number, { entries }: World): boolean =>
  [...entries.values()].some((entry) => entry.taskKey === taskKey && entry.attempt === attempt);

/** The engine's own timeout is for a holder that cannot enforce it, or is dead. Of an entry that nobody has, it is the loss. */
function judgeBackUpTimeouts(
  note: NoteOf<"recorded">,
  record: NoteOf<"record"> | undefined,
  world: World,
  findings: Findings,
) {
  record?.results.forEach(([taskKey, attempt, status, incarnation], index) => {
    const task = world.task(taskKey);
    if (status !== "timed-out" || incarnation !== undefined || note.verdicts[index] !== "applied" || task === undefined)
      return;
    if ((task.granted?.note.t ?? 0) < world.lossAt || isHeld(taskKey, attempt, world)) return;
    if (task.holder && !world.processes.isOver(task.holder.p) && !world.incarnation(task.holder.by).judged) return;
    const message = `Attempt ${attempt} of ${taskKey} ended only because the engine's own time was up: nobody alive had its entry.`;
    findings.report("I7", message, taskKey, ...task.trail, note);
  });
}

/** At rest, what is in flight is in some stream; and when everything has ended, nothing is. */
function judgeLook(look: NoteOf<"look">, world: World, findings: Findings) {
  const present = new Set(look.entries.map(([, , taskKey, attempt]) => `${taskKey} ${attempt}`));
  for (const [taskKey, value] of look.inFlight) {
    const attempt = value.replace(/:done$/, "");
    if (present.has(`${taskKey} ${attempt}`)) continue;
    const trail = world.task(taskKey)?.trail ?? [];
    const message = `Attempt ${attempt} of ${taskKey} is called in flight, but no stream has it.`;
    findings.report("I7", message, taskKey, ...trail);
  }
  for (const [stream, id, taskKey, attempt] of look.entries) {
    const entry = { taskKey, attempt } as EntryFacts;
    if (taskKey === null || !isOver(entry, world)) continue;
    const message = `Entry ${id} of ${stream} is left although attempt ${attempt} of ${taskKey} is over.`;
    findings.report("I7", message, taskKey, ...(world.task(taskKey)?.trail ?? []));
  }
}
