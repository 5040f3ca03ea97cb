import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";
import { workflowOf } from "./notes.js";

const OUTCOMES_OF_RESULTS = new Set(["succeeded", "failed", "timed-out", "dead-letter"]);

/** I4: dependencies come first; what was cancelled neither starts where that is known, nor is it recorded any more. */
export const inOrder: Judge = {
  see(note, call, world, findings) {
    if (note.e === "start") {
      for (const [taskKey, attempt] of note.tasks) {
        const workflow = world.workflows.get(workflowOf(taskKey));
        const open =
          world.task(taskKey)?.dependencies.filter((position) => !workflow!.tasks[position]!.maySucceed) ?? [];
        if (open.length > 0) {
          const message = `Attempt ${attempt} of ${taskKey} started before the results of ${open.join(", ")}, on which it depends, were given to PostgreSQL.`;
          findings.report("I4", message, taskKey, note);
        }
        const heard = workflow?.heard.get(note.p);
        if (heard && (heard.tasks === undefined || heard.tasks.includes(taskKey))) {
          const message = `Attempt ${attempt} of ${taskKey} started in a process that had heard of its cancellation.`;
          findings.report("I4", message, taskKey, heard, note);
        }
      }
    }
    if (note.e === "recorded") {
      const record = invocation(note, call);
      record?.results.forEach(([taskKey], index) => {
        const cancelled = world.workflows.get(workflowOf(taskKey))?.cancelled;
        if (note.verdicts[index] === "applied" && cancelled && cancelled.t < record.t) {
          const message = `A result of ${taskKey} was applied after its workflow had been cancelled.`;
          findings.report("I4", message, taskKey, cancelled, record, note);
        }
      });
    }
  },

  end(workflow, record, _world, findings) {
    if (record === undefined || record.state === "running" || record.finishedAtMs === null) return;
    for (const { position, attempt, outcome, recordedAtMs } of record.attempts) {
      if (!OUTCOMES_OF_RESULTS.has(outcome) || recordedAtMs <= record.finishedAtMs) continue;
      const taskKey = `${workflow.id}:${position}`;
      const message = `Attempt ${attempt} of ${taskKey} was recorded as ${outcome} after its workflow had ended.`;
      findings.report("I4", message, taskKey, ...workflow.tasks[position]!.trail);
    }
  },
};
