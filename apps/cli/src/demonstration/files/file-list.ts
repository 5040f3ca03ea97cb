/** The nine files of a demonstration, in the order in which one reads them. */
import { validationResultsSchema } from "../../validation/validation-results.js";
import { groupsFile } from "./consumer-group-metrics.js";
import { timelineFile } from "./crash-recovery-timeline.js";
import type { DemonstrationFile } from "./demonstration-file.js";
import { resultsFile } from "./demonstration-results.js";
import { analysisFile } from "./performance-analysis.js";
import { summaryFile } from "./phase2-summary.js";
import { traceFile } from "./trace/workflow-execution-trace.js";

/** Any of them, whatever it holds. */
type AnyFile = Omit<DemonstrationFile<unknown>, "make"> & { make: DemonstrationFile<object>["make"] };

/** Those that are made from the outcome. The results come last: they say which of the others are there. */
export const MADE_FILES: readonly AnyFile[] = [
  summaryFile,
  timelineFile,
  groupsFile,
  analysisFile,
  traceFile,
  resultsFile,
];

/** What the checks that come before write; without them it is not there. */
const VALIDATION_FILE = {
  name: "validation_results.json",
  holds: "What was checked before the demonstration began.",
  schema: validationResultsSchema,
};

/** Those in JSON: each has a schema. */
export const JSON_FILES: readonly Omit<AnyFile, "make">[] = [...MADE_FILES, VALIDATION_FILE];

/** All nine, with what one finds in each. */
export const ALL_FILES: readonly Pick<AnyFile, "name" | "holds">[] = [
  ...JSON_FILES,
  { name: "phase2_demonstration_report.html", holds: "The report: one page that needs nothing else." },
  { name: "phase2_demonstration.log", holds: "Everything that the processes wrote, as it came." },
];
