import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Act, PublishedFigure } from "@agent-hive/measurement";
import { ProblemError } from "@agent-hive/service-kit";

/** Runs kept at a time. A new one takes the place of the one that ended first. */
export const MOST_RUNS = 16;
/** Of one run. */
const MOST_ACTS = 20_000;
const MOST_FIGURES = 20_000;

/** A measured run, while it goes on and afterwards. */
export interface Run {
  id: string;
  name: string;
  fromMs: number;
  /** Whether it brings sustained load: else the targets that need it are not judged. */
  isUnderLoad: boolean;
  /** Whether the hive is asked to tell events meanwhile. */
  wantsEvents: boolean;
  /** Entries that each group had read at the beginning. */
  readBefore: ReadonlyMap<string, number>;
  acts: Act[];
  published: PublishedFigure[];
  /** Of a run that has ended or is just being ended. */
  result: Promise<StoredMeasurement> | undefined;
}

/** A measurement as JSON text, packed: it repeats itself a lot, and several are kept. */
export class StoredMeasurement {
  private constructor(private readonly packed: Buffer) {}

  static async of(json: string): Promise<StoredMeasurement> {
    return new StoredMeasurement(await promisify(gzip)(json));
  }

  async json(): Promise<string> {
    return (await promisify(gunzip)(this.packed)).toString("utf8");
  }
}

/** The runs of this process's life: they are gone with it, their records in PostgreSQL are not. */
export class RunBook {
  private readonly runs = new Map<string, Run>();

  /** @throws ProblemError `CONFLICT` if as many runs as can be kept are under way. */
  add(run: Pick<Run, "name" | "fromMs" | "isUnderLoad" | "wantsEvents" | "readBefore">): Run {
    if (this.runs.size >= MOST_RUNS) this.forgetOldest();
    const added: Run = { ...run, id: randomUUID(), acts: [], published: [], result: undefined };
    this.runs.set(added.id, added);
    return added;
  }

  /** @throws ProblemError `NOT_FOUND` */
  get(id: string): Run {
    const run = this.runs.get(id);
    if (run === undefined) throw new ProblemError("NOT_FOUND", `There is no run "${id}". Runs end with this process.`);
    return run;
  }

  /**
   * @throws ProblemError `NOT_FOUND`; `CONFLICT` if the run has ended; `OVER_LIMIT`.
   */
  note(id: string, { acts = [], figures = [] }: { acts?: Act[]; figures?: PublishedFigure[] }): Run {
    const run = this.get(id);
    if (run.result !== undefined) throw new ProblemError("CONFLICT", `Run "${id}" has ended.`);
    requireRoom("acts", run.acts.length + acts.length, MOST_ACTS);
    requireRoom("published figures", run.published.length + figures.length, MOST_FIGURES);
    run.acts.push(...acts);
    run.published.push(...figures);
    return run;
  }

  /** Whether a run under way wants events to be told. */
  get wantsEvents(): boolean {
    return [...this.runs.values()].some(({ wantsEvents, result }) => wantsEvents && result === undefined);
  }

  private forgetOldest(): void {
    const oldest = [...this.runs.values()].find(({ result }) => result !== undefined);
    if (oldest === undefined) {
      throw new ProblemError(
        "CONFLICT",
        `${MOST_RUNS} runs are under way, and no more are kept. End one of them first.`,
      );
    }
    this.runs.delete(oldest.id);
  }
}

function requireRoom(what: string, count: number, most: number): void {
  if (count > most)
    throw new ProblemError("OVER_LIMIT", `A run has at most ${most} ${what}; with these it had ${count}.`);
}
