import type { CampaignResult, Figure } from "./campaign.js";
import type { Fault } from "./fault-kinds.js";
import type { Spread } from "./percentiles.js";

export function describeFault({ number, kind, target, held, freeSlots, endedAt, at }: Fault): string {
  if (endedAt !== undefined)
    return `#${number} ${kind} of ${target} over after ${ms(endedAt.monotonicMs - at.monotonicMs)}`;
  const work = held.length > 0 ? `, which held ${held.length}; ${freeSlots} slots free beside it` : "";
  return `#${number} ${kind} of ${target}${work}`;
}

/** What a person reads at the end; ends with the verdict. */
export function describeResult(result: CampaignResult): string {
  const { faults, workflows, tasks, seconds, lateResultsRefused, givenUpInVain, violations, worst, verdict } = result;
  const lines = [
    "Faults",
    ...Object.entries(faults).map(([kind, { done, struck }]) => `  ${kind.padEnd(18)} ${done} done, ${struck} struck`),
    "",
    "What followed (ms)",
    ...result.figures.flatMap(describeFigure),
    "",
    `The ${worst.length} worst`,
    ...worst.map(
      (sample) =>
        `  ${sample.ms === null ? "never" : ms(sample.ms)} until ${sample.measure}: round ${sample.round} #${sample.fault} ${sample.kind}, ${sample.what}` +
        ` (${[sample.apart, ...sample.notes].filter((note) => note !== undefined).join("; ")})`,
    ),
    "",
    `${workflows} workflows of ${tasks} tasks in ${seconds} s; ${lateResultsRefused} late results refused; ${givenUpInVain} processes given up as frozen that nobody struck`,
    ...violations.map((violation) => `VIOLATION ${violation}`),
    ...result.voids.map((reason) => `VOID ${reason}`),
    `Verdict: ${verdict}`,
  ];
  return `${lines.join("\n")}\n`;
}

function describeFigure(figure: Figure): string[] {
  const { kind, measure, never } = figure;
  const missing = never > 0 ? `; ${never} times never` : "";
  return [
    `  ${kind} until ${measure}: ${describeSpread(figure)}${missing}`,
    ...Object.entries(figure.apart).map(([why, spread]) => `    apart, ${why}: ${describeSpread(spread)}`),
  ];
}

const describeSpread = ({ count, p50, p95, p99, max }: Spread): string =>
  count === 0 ? "none" : `${count} times, p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max}`;

const ms = (value: number): string => `${Math.round(value)} ms`;
