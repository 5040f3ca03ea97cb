import type { ChartData } from "./charts/chart-data.js";
import { factsOf, type Facts } from "./facts/facts.js";
import { agentLoads, loadOf, memoryOf, sharesOf } from "./facts/load.js";
import { recoveryBarsOf, spreadsOf } from "./facts/recovery-times.js";
import { timelineOf } from "./facts/timeline.js";
import { stepsOf, sustainedOf } from "./facts/under-load.js";
import { pageOf } from "./page-frame.js";
import { reportInputSchema, type ReportInput } from "./report-input.js";
import { environmentSection, invariantsSection, targetsSection } from "./sections/findings.js";
import { graphSection } from "./sections/graph.js";
import { consumersSection, memorySection, throughputSection } from "./sections/load.js";
import type { Section } from "./sections/parts.js";
import { recoveriesSection } from "./sections/recoveries.js";
import { storySection } from "./sections/story.js";
import { timelineSection } from "./sections/timeline.js";
import { underLoadSection } from "./sections/under-load.js";
import { verdictSection } from "./sections/verdict.js";

/**
 * Renders the report of a demonstration as one HTML page that needs nothing else: no network, no other file.
 *
 * Its size is bounded: of many attempts, agents or recoveries it shows a part, and says so.
 *
 * @throws ZodError if the input is not what `reportInputSchema` describes.
 */
export function renderReport(input: ReportInput): string {
  const facts = factsOf(reportInputSchema.parse(input));
  const timeline = timelineOf(facts);
  const loads = agentLoads(facts);
  const { underLoad } = facts.input;
  const charts: ChartData = {
    timeline: timeline.data,
    spread: { kinds: spreadsOf(facts) },
    recoveries: { bars: recoveryBarsOf(facts) },
    load: loadOf(facts),
    shares: sharesOf(facts, loads),
    memory: memoryOf(facts),
    steps: stepsOf(underLoad),
    sustained: sustainedOf(underLoad),
  };
  const sections: Section[] = [
    verdictSection(facts),
    storySection(facts),
    graphSection(facts),
    timelineSection(facts, timeline),
    recoveriesSection(facts),
    throughputSection(facts),
    consumersSection(facts, loads),
    memorySection(facts),
    ...(underLoad === null ? [] : [underLoadSection(underLoad)]),
    targetsSection(facts),
    invariantsSection(facts),
    environmentSection(facts),
  ];
  return pageOf(headOf(facts), sections, charts);
}

function headOf({ input, workflow }: Facts) {
  const { title, generatedAt, verdict } = input;
  return { title, generatedAt, verdict, workflowName: workflow?.name };
}
