import type { Note } from "./notes.js";
import type { World } from "./world.js";

/** Counts faults, and of these the strikes: those that hit somebody who held work, or Redis while something was running. */
export class Strikes {
  faults = 0;
  strikes = 0;

  see(note: Note, world: World): void {
    if (note.e === "fault" && note.kind !== "thaw") this.count(note.pid, note.kind === "kill", world);
    if (note.e === "exited" && note.signal !== null && !note.expected) this.count(note.pid, true, world);
  }

  private count(pid: number | undefined, isKill: boolean, world: World): void {
    const p = pid === undefined ? undefined : world.processes.running(pid);
    // Told by whoever killed it, and then by who saw it die: one fault.
    if (isKill && (p === undefined || this.killed.has(p))) return;
    if (isKill) this.killed.add(p!);
    this.faults++;
    if (pid === undefined ? isAnythingRunning(world) : holdsWork(p, world)) this.strikes++;
  }

  private readonly killed = new Set<string>();
}

const isAnythingRunning = ({ workflows }: World): boolean =>
  [...workflows.values()].some(({ accepted, finished }) => accepted && finished === undefined);

const holdsWork = (p: string | undefined, { entries }: World): boolean =>
  [...entries.values()].some((entry) => entry.p === p);
