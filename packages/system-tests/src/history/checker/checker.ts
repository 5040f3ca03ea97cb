/**
 * Judges a run by its history and by the primary records, one invariant by one judge. It reads the history as a stream; what
 * it remembers is what is live, and the ids of what is not any more.
 */
import { acknowledgedLast } from "./acknowledged-last.js";
import { conserved } from "./conserved.js";
import { fenced } from "./fenced.js";
import { idempotentSubmission } from "./idempotent-submission.js";
import { inOrder } from "./in-order.js";
import type { Judge } from "./judge.js";
import { noLoss } from "./no-loss.js";
import type { Note } from "./notes.js";
import { recordedOnce } from "./recorded-once.js";
import type { PrimaryRecords } from "./records.js";
import { safeRemoval } from "./safe-removal.js";
import { Strikes } from "./strikes.js";
import { Findings, type Thresholds, type Verdict } from "./verdict.js";
import type { WorkflowFacts } from "./facts.js";
import { World } from "./world.js";

/** Workflows whose records are read at once. */
const PAGE = 200;
export const DEFAULT_THRESHOLDS: Thresholds = { faults: 1, strikes: 1 };

/** @param notes in the order of time. */
export async function check(
  notes: AsyncIterable<Note> | Iterable<Note>,
  records: PrimaryRecords,
  thresholds: Partial<Thresholds> = {},
): Promise<Verdict> {
  const checker = new Checker(records, { ...DEFAULT_THRESHOLDS, ...thresholds });
  for await (const note of notes) await checker.see(note);
  return checker.close();
}

class Checker {
  private readonly judges: Judge[] = [
    noLoss,
    recordedOnce,
    fenced,
    inOrder,
    idempotentSubmission(),
    acknowledgedLast(),
    safeRemoval,
    conserved,
  ];
  private readonly world = new World();
  private readonly findings = new Findings();
  private readonly strikes = new Strikes();
  private readonly ended: WorkflowFacts[] = [];
  private readonly counts: Record<string, number> = { notes: 0, workflows: 0, tasks: 0, applied: 0, effects: 0 };

  constructor(
    private readonly records: PrimaryRecords,
    private readonly thresholds: Thresholds,
  ) {}

  async see(note: Note): Promise<void> {
    const { world, findings } = this;
    this.strikes.see(note, world);
    const call = world.processes.see(note);
    for (const judge of this.judges) judge.see?.(note, call, world, findings);
    world.learn(note, call);
    this.count(note);
    this.ended.push(...world.retire(note.t));
    if (this.ended.length >= PAGE) await this.judgeEnded();
  }

  async close(): Promise<Verdict> {
    this.ended.push(...this.world.retire());
    while (this.ended.length > 0) await this.judgeEnded();
    await this.lookForStrangers();
    const { faults, strikes } = this.strikes;
    const { violations, count } = this.findings;
    const voids = this.voids();
    const verdict = count > 0 ? "violated" : voids.length > 0 ? "void" : "valid";
    return { verdict, violations, voids, counts: { ...this.counts, faults, strikes, violations: count } };
  }

  private async judgeEnded(): Promise<void> {
    const workflows = this.ended.splice(0, PAGE);
    const records = await this.records.workflows(workflows.map(({ id }) => id));
    for (const workflow of workflows) {
      const record = records.get(workflow.id);
      this.counts["workflows"]! += record ? 1 : 0;
      this.counts["tasks"]! += record?.tasks.length ?? 0;
      for (const judge of this.judges) judge.end?.(workflow, record, this.world, this.findings);
    }
  }

  /** What PostgreSQL has and no history speaks of was written by nobody that is known. */
  private async lookForStrangers(): Promise<void> {
    for await (const ids of this.records.ids()) {
      for (const id of ids.filter((each) => !this.world.retired.has(each))) {
        this.findings.report("I8", `PostgreSQL has workflow ${id}, which nobody is known to have submitted.`, id);
      }
    }
  }

  private voids(): string[] {
    const { faults, strikes } = this.strikes;
    const few = (what: string, count: number, least: number): string[] =>
      count < least ? [`${count} ${what}, at least ${least} are needed`] : [];
    return [
      ...few("workflows", this.counts["workflows"]!, 1),
      ...few("faults", faults, this.thresholds.faults),
      ...few("faults that hit work", strikes, this.thresholds.strikes),
      ...this.world.processes.gaps(),
    ];
  }

  private count(note: Note): void {
    this.counts["notes"]!++;
    if (note.e === "recorded")
      this.counts["applied"]! += note.verdicts.filter((verdict) => verdict === "applied").length;
    if (note.e === "effect") this.counts["effects"]!++;
  }
}
