import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";
import { workflowOf } from "./notes.js";
import type { TaskRecord } from "./records.js";

/** I2: a task has one applied result if it succeeded and none else, and its output is the one of the attempt that counts. */
export const recordedOnce: Judge = {
  see(note, call, world, findings) {
    if (note.e !== "recorded") return;
    invocation(note, call)?.results.forEach(([taskKey, attempt, status], index) => {
      if (note.verdicts[index] !== "applied") return;
      if (world.retired.has(workflowOf(taskKey))) {
        const message = `A result of ${taskKey}, attempt ${attempt}, was applied long after its workflow had ended.`;
        return findings.report("I2", message, taskKey, call, note);
      }
      const applied = world.task(taskKey)?.applied ?? new Map<number, never>();
      const same = applied.get(attempt);
      if (same) {
        findings.report("I2", `Attempt ${attempt} of ${taskKey} was applied twice.`, taskKey, same.note, note);
      } else if (status === "succeeded") {
        const other = [...applied.values()].find((each) => each.status === "succeeded");
        if (other) findings.report("I2", `${taskKey} was recorded as succeeded twice.`, taskKey, other.note, note);
      }
    });
  },

  end(workflow, record, _world, findings) {
    record?.tasks.forEach((task, position) => {
      const taskKey = `${workflow.id}:${position}`;
      const successes = record.attempts.filter((each) => each.position === position && each.outcome === "succeeded");
      const facts = workflow.tasks[position]!;
      const tell = (message: string): void => findings.report("I2", message, taskKey, ...facts.trail);
      if (successes.length !== (task.state === "succeeded" ? 1 : 0)) {
        tell(`${taskKey} is ${task.state}, with ${successes.length} recorded successes.`);
      }
      const learned = [...facts.applied].find(([, { status }]) => status === "succeeded")?.[0];
      if (learned !== undefined && !successes.some(({ attempt }) => attempt === learned)) {
        tell(
          `The success of attempt ${learned} of ${taskKey} was learned to be applied, but PostgreSQL does not have it.`,
        );
      }
      if (task.handler !== "effect" || task.state !== "succeeded") return;
      const nonce = nonceOf(task);
      if (!facts.effects.some((effect) => effect.nonce === nonce && effect.attempt === successes[0]?.attempt)) {
        tell(`The output of ${taskKey} names effect ${nonce}, which attempt ${successes[0]?.attempt} never had.`);
      }
    });
  },
};

function nonceOf({ output }: TaskRecord): string | undefined {
  try {
    return (JSON.parse(output ?? "null") as { nonce?: string } | null)?.nonce;
  } catch {
    return undefined;
  }
}
