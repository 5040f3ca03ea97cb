import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";
import type { Note, NoteOf } from "./notes.js";
import type { Findings } from "./verdict.js";
import type { World } from "./world.js";

/** I3: nothing is begun, handed over or applied by whoever had lost the right to it before asking. */
export const fenced: Judge = {
  see(note, call, world, findings) {
    if (note.e === "recorded") judgeRecorded(note, invocation(note, call), world, findings);
    if (note.e === "completed") judgeCompleted(note, invocation(note, call), world, findings);
    if (note.e === "begun") judgeBegun(note, invocation(note, call), world, findings);
    if (note.e === "claimed") judgeClaimed(note, invocation(note, call), world, findings);
    if (note.e === "published") judgePublished(note, invocation(note, call), world, findings);
  },

  end(workflow, record, _world, findings) {
    record?.tasks.forEach(({ attempt }, position) => {
      const taskKey = `${workflow.id}:${position}`;
      const { lastStarted, trail } = workflow.tasks[position]!;
      if (lastStarted > attempt) {
        const message = `Attempt ${lastStarted} of ${taskKey} was started, but PostgreSQL never granted more than ${attempt}.`;
        findings.report("I3", message, taskKey, ...trail);
      }
      const ends = record.attempts.filter((each) => each.position === position && each.delivery === "");
      for (const [index, end] of ends.entries()) {
        const next = ends[index + 1];
        if (next && end.recordedAtMs > (next.dispatchedAtMs ?? Infinity)) {
          const message = `Attempt ${end.attempt} of ${taskKey} was recorded after attempt ${next.attempt} had been granted.`;
          findings.report("I3", message, taskKey, ...trail);
        }
      }
    });
  },
};

function judgeRecorded(
  note: NoteOf<"recorded">,
  record: NoteOf<"record"> | undefined,
  world: World,
  findings: Findings,
) {
  record?.results.forEach(([taskKey, attempt], index) => {
    const granted = world.task(taskKey)?.granted;
    if (note.verdicts[index] !== "applied" || granted === undefined) return;
    if (granted.attempt > attempt && granted.note.t < record.t) {
      const message = `A result of attempt ${attempt} of ${taskKey} was applied after attempt ${granted.attempt} had been granted.`;
      findings.report("I3", message, taskKey, granted.note, record, note);
    }
  });
}

function judgeCompleted(
  note: NoteOf<"completed">,
  complete: NoteOf<"complete"> | undefined,
  world: World,
  findings: Findings,
) {
  complete?.tasks.forEach(([taskKey, attempt, id], index) => {
    if (note.answers[index] !== "completed") return;
    const tell = (why: string, before: Note | undefined): void =>
      findings.report(
        "I3",
        `Redis took a result of attempt ${attempt} of ${taskKey} from ${complete.by}, ${why}.`,
        taskKey,
        before,
        complete,
        note,
      );
    const entry = world.entries.get(`${complete.group} ${id}`);
    if (entry && entry.owner !== complete.by && entry.note.t < complete.t)
      tell(`though ${entry.owner} had its entry`, entry.note);
    const { dead } = world.incarnation(complete.by);
    if (dead && dead.t < complete.t) tell("which had been declared dead", dead);
    const taken = world.task(taskKey)?.completed.get(attempt);
    if (taken && taken.t > world.lossAt) tell("though it had taken one before", taken);
    judgeEpoch(complete, world, tell);
  });
}

/**
 * What has been settled is in no index, so nobody may begin it, unless it was published again since. What ran when Redis was
 * wiped may still run, so only a new attempt of it may be begun.
 */
function judgeBegun(note: NoteOf<"begun">, begin: NoteOf<"begin"> | undefined, world: World, findings: Findings) {
  begin?.tasks.forEach(([taskKey, attempt], index) => {
    const task = world.task(taskKey);
    if (note.answers[index] !== "begun" || task === undefined) return;
    const tell = (why: string, before: Note): void =>
      findings.report(
        "I3",
        `Attempt ${attempt} of ${taskKey} was begun although it ${why}.`,
        taskKey,
        before,
        begin,
        note,
      );
    const settled = task.settled.get(attempt);
    if (settled && settled.t < begin.t) tell("had been settled", settled);
    const { lastStarted, firstStart } = task;
    if (attempt === lastStarted && firstStart && isOfEarlierEpoch(firstStart, begin, world))
      tell("had been started before Redis was wiped", firstStart);
  });
}

/** A wipe is noted a little before or after it strikes: only what a later epoch shows too is certain. */
function isOfEarlierEpoch(start: Note, begin: NoteOf<"begin">, { wiped, epoch }: World): boolean {
  if (wiped?.epoch === undefined || epoch === undefined) return false;
  return start.t < wiped.note.t && start.t < epoch.t && Number(begin.epoch) > Number(wiped.epoch);
}

function judgeClaimed(note: NoteOf<"claimed">, claim: NoteOf<"claim"> | undefined, world: World, findings: Findings) {
  for (const [taskKey, , id] of note.entries) {
    const entry = world.entries.get(`${claim?.group} ${id}`);
    if (claim === undefined || entry === undefined || entry.owner === claim.by) continue;
    if (world.incarnation(entry.owner).judged) continue;
    const message = `${claim.by} claimed entry ${id} of ${claim.group} from ${entry.owner}, which nobody had declared dead.`;
    findings.report("I3", message, taskKey ?? id, entry.note, claim, note);
  }
}

function judgePublished(
  note: NoteOf<"published">,
  publish: NoteOf<"publish"> | undefined,
  world: World,
  findings: Findings,
) {
  if (publish === undefined || note.status !== "ok") return;
  judgeEpoch(publish, world, (why, before) =>
    findings.report(
      "I3",
      `Redis let ${publish.by} publish, ${why}.`,
      publish.tasks[0]?.[0] ?? "",
      before,
      publish,
      note,
    ),
  );
}

/** Whoever expects an epoch that was lost, or replaced, before it asked is refused. */
function judgeEpoch(
  call: { epoch: string; t: number },
  world: World,
  tell: (why: string, before?: Note) => void,
): void {
  const { epoch, wiped } = world;
  if (epoch && epoch.t < call.t && Number(call.epoch) < Number(epoch.epoch))
    tell(`though epoch ${epoch.epoch} had begun`, epoch);
  else if (wiped && wiped.note.t < call.t && call.epoch === wiped.epoch)
    tell("though its epoch had been lost", wiped.note);
}
