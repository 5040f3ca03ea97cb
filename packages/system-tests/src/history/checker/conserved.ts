import type { Judge } from "./judge.js";
import type { TaskCounts } from "./notes.js";
import type { WorkflowRecord } from "./records.js";

/** I8: created = succeeded + failed + cancelled + dead + live, in every snapshot and for every workflow. */
export const conserved: Judge = {
  see(note, _call, _world, findings) {
    if (note.e !== "snapshot") return;
    const sum = sumOf(note.tasks) + note.tasks.live;
    if (sum !== note.tasks.total)
      findings.report("I8", `A snapshot has ${note.tasks.total} tasks, but ${sum} states.`, "", note);
  },

  end(workflow, record, _world, findings) {
    if (record === undefined) return;
    const counted = countStates(record);
    for (const state of ["succeeded", "failed", "cancelled", "dead"] as const) {
      if (record[state] === counted[state]) continue;
      const message = `Workflow ${workflow.id} counts ${record[state]} tasks as ${state}, but ${counted[state]} are.`;
      findings.report("I8", message, workflow.id, workflow.submit);
    }
    const created = workflow.tasks.length;
    if (record.total !== created || record.tasks.length !== created) {
      const message = `Workflow ${workflow.id} was submitted with ${created} tasks, counts ${record.total} and has ${record.tasks.length}.`;
      findings.report("I8", message, workflow.id, workflow.submit);
    }
  },
};

type Ended = Omit<TaskCounts, "total" | "live">;

const sumOf = ({ succeeded, failed, cancelled, dead }: Ended): number => succeeded + failed + cancelled + dead;

function countStates({ tasks }: WorkflowRecord): Ended {
  const counts = { succeeded: 0, failed: 0, cancelled: 0, dead: 0 };
  for (const { state } of tasks) if (state in counts) counts[state as keyof Ended]++;
  return counts;
}
