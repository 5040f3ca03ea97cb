import { ENGINES_GROUP } from "@agent-hive/contracts";
import type { Judge } from "./judge.js";
import { invocation } from "./processes.js";

/** I6: an engine acknowledges only entries of which it has learned that PostgreSQL has recorded them. */
export function acknowledgedLast(): Judge {
  const durable = new Map<string, Set<string>>();
  const of = (p: string): Set<string> => durable.get(p) ?? durable.set(p, new Set()).get(p)!;
  return {
    see(note, call, _world, findings) {
      switch (note.e) {
        case "recorded":
          for (const id of invocation(note, call)?.entries ?? []) of(note.p).add(id);
          return;
        case "publish":
          if (note.group !== ENGINES_GROUP) return;
          for (const id of note.source ?? []) {
            if (of(note.p).has(id)) continue;
            const message = `Entry ${id} was to be acknowledged before it was known to be recorded.`;
            findings.report("I6", message, id, note);
          }
          return;
        case "published":
          for (const id of invocation(note, call)?.source ?? []) of(note.p).delete(id);
          return;
        case "process":
          return void durable.delete(note.p);
        default:
      }
    },
  };
}
