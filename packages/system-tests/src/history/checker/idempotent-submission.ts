import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";
import type { Note } from "./notes.js";

interface Use {
  hash: string | undefined;
  ids: string;
  note: Note;
}

/** I5: one set of workflows a key, and never for another body. Remembers every key. */
export function idempotentSubmission(): Judge {
  const uses = new Map<string, Use>();
  return {
    see(note, call, _world, findings) {
      if (note.e !== "submitted") return;
      const submit = invocation(note, call);
      if (submit?.key === undefined) return;
      const { key, requestHash: hash } = submit;
      const use: Use = { hash, ids: note.ids.join(), note };
      const first = uses.get(key);
      if (first === undefined) return void uses.set(key, use);
      const tell = (message: string): void => findings.report("I5", message, key, first.note, submit, note);
      if (first.hash !== hash) tell(`Key "${key}" was accepted with two bodies.`);
      else if (first.ids !== use.ids) tell(`Key "${key}" was accepted twice, as ${first.ids} and as ${use.ids}.`);
    },
  };
}
