import { factsOf, type Facts } from "../facts.js";
import type { Invariant } from "../measurement.js";
import { recoveriesOf } from "../recoveries.js";
import type { RunRecords } from "../records.js";
import { throughputOf } from "../throughput.js";
import { totalsOf } from "../totals.js";
import { judgeAcknowledgedLast } from "./acknowledged-last.js";
import { judgeConserved } from "./conserved.js";
import { judgeFenced } from "./fenced.js";
import { Findings } from "./findings.js";
import { judgeHonestFigures, type Recomputed } from "./honest-figures.js";
import { judgeIdempotentSubmission } from "./idempotent-submission.js";
import { judgeInOrder } from "./in-order.js";
import { judgeNoLoss } from "./no-loss.js";
import { judgeRecordedOnce } from "./recorded-once.js";
import { judgeSafeRemoval } from "./safe-removal.js";

type Judge = (facts: Facts, findings: Findings) => void;

const JUDGES: readonly { id: Invariant["id"]; name: string; judge: Judge }[] = [
  { id: "I1", name: "no loss: what was accepted has ended, or can still", judge: judgeNoLoss },
  { id: "I2", name: "recorded once: one result of each task that succeeded, and its own", judge: judgeRecordedOnce },
  { id: "I3", name: "fenced: no attempt was applied after the next was granted", judge: judgeFenced },
  { id: "I4", name: "order: nothing before its dependencies, nothing after its end", judge: judgeInOrder },
  { id: "I5", name: "idempotent submission: one submission of a key", judge: judgeIdempotentSubmission },
  { id: "I6", name: "acknowledge last: what was granted is recorded or in flight", judge: judgeAcknowledgedLast },
  { id: "I7", name: "safe removal: every entry waits or is in a consumer's hands", judge: judgeSafeRemoval },
  { id: "I8", name: "conservation: counters and states are those of the tasks", judge: judgeConserved },
];

/** Judges a run by its records; what each invariant looks at is said where it is judged. */
export function checkInvariants(records: RunRecords): Invariant[] {
  const facts = factsOf(records);
  return invariantsOf(facts, {
    recoveries: recoveriesOf(facts),
    throughput: throughputOf(facts, records.totals ?? totalsOf(facts)),
  });
}

/** The same, where the figures have been recomputed already. */
export function invariantsOf(facts: Facts, recomputed: Recomputed): Invariant[] {
  const judged = JUDGES.map(({ id, name, judge }) => {
    const findings = new Findings();
    judge(facts, findings);
    return findings.verdict(id, name);
  });
  const figures = new Findings();
  judgeHonestFigures(facts, recomputed, figures);
  return [...judged, figures.verdict("I11", "honest figures: what is published equals what is recomputed")];
}
