import type { Judge } from "./judge.js";

const TERMINAL = new Set(["succeeded", "failed", "cancelled", "dead"]);

/** I1: every accepted workflow is in PostgreSQL and has ended, and so has each of its tasks. */
export const noLoss: Judge = {
  end(workflow, record, _world, findings) {
    const { id, submit, accepted, finished } = workflow;
    if (record === undefined) {
      if (accepted) findings.report("I1", `Workflow ${id} was accepted, but PostgreSQL does not have it.`, id, submit);
      return;
    }
    if (finished && finished.state !== record.state) {
      const message = `Workflow ${id} was learned to be ${finished.state}, but PostgreSQL says ${record.state}.`;
      findings.report("I1", message, id, finished.note);
    }
    record.tasks.forEach(({ state, attempt }, position) => {
      if (TERMINAL.has(state)) return;
      const message = `Task ${id}:${position} is still ${state} at attempt ${attempt}, and nothing moves any more.`;
      findings.report("I1", message, `${id}:${position}`, submit, ...workflow.tasks[position]!.trail);
    });
    if (record.state === "running" && record.tasks.every(({ state }) => TERMINAL.has(state))) {
      findings.report("I1", `Workflow ${id} runs on although all of its tasks have ended.`, id, submit);
    }
  },
};
