import type { Note } from "./notes.js";
import type { WorkflowRecord } from "./records.js";
import type { Findings } from "./verdict.js";
import type { WorkflowFacts } from "./facts.js";
import type { World } from "./world.js";

/** Judges one invariant. What it cannot decide, because a call was not answered, it lets pass. */
export interface Judge {
  /** A note, before the world has taken it in. @param call the invocation that it answers, if it is an outcome. */
  see?(note: Note, call: Note | undefined, world: World, findings: Findings): void;
  /** A workflow that ended, or the run did, with its primary records; undefined if PostgreSQL has none of it. */
  end?(workflow: WorkflowFacts, record: WorkflowRecord | undefined, world: World, findings: Findings): void;
}
