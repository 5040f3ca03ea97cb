import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Invariant, Measurement, TargetVerdict } from "./measurement.js";

const MEGABYTE = 1024 * 1024;
const ENGINE = "workflow-engine";

/** The figures that targets can be set for; null where the run does not show them. */
const FIGURES = {
  messagesPerSecond: ({ throughput }) => throughput.messagesPerSecond,
  tasksPerSecond: ({ throughput }) => throughput.tasksPerSecond,
  crashRecoveryP50Ms: ({ recoveryMs }) => recoveryMs.crash.p50,
  crashRecoveryP99Ms: ({ recoveryMs }) => recoveryMs.crash.p99,
  freezeRecoveryP99Ms: ({ recoveryMs }) => recoveryMs.freeze.p99,
  isolateRecoveryP99Ms: ({ recoveryMs }) => recoveryMs.isolate.p99,
  completionRate: ({ completion }) => completion.rate,
  lostOrDoubled: ({ invariants }) => violationsOf(invariants, ["I1", "I2"]),
  mostWorkflows: ({ concurrency }) => concurrency.mostWorkflows,
  mostTasksInOneWorkflow: ({ workflows }) => highest(workflows.map(({ tasks }) => tasks)),
  mostSlotsInOneGroup: ({ groups }) => highest(groups.map(({ slots }) => slots)),
  engineRssMb: ({ processes }) => rssMb(processes.filter(({ service }) => service === ENGINE)),
  otherRssMb: ({ processes }) => rssMb(processes.filter(({ service }) => service !== ENGINE)),
} as const satisfies Record<string, (measurement: Judged) => number | null>;

/** What targets are judged by: everything but their own verdicts. */
type Judged = Omit<Measurement, "targets">;

const targetSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    name: z.string().min(1),
    unit: z.string(),
    floor: z.number().nullable(),
    aim: z.number().nullable(),
    better: z.enum(["higher", "lower"]),
    how: z.string().min(1),
    figure: z.enum(Object.keys(FIGURES) as [keyof typeof FIGURES]),
    /** Only a run under sustained load can show it; in any other it is not measured. */
    needsLoad: z.boolean().default(false),
  })
  .refine(
    ({ floor, aim, better }) => floor === null || aim === null || (better === "higher" ? aim >= floor : aim <= floor),
    { error: "the aim must not be easier than the floor", path: ["aim"] },
  );
export type Target = z.infer<typeof targetSchema>;

const targetsFileSchema = z
  .strictObject({ version: z.literal(1), targets: z.array(targetSchema).max(200) })
  .refine(({ targets }) => new Set(targets.map(({ id }) => id)).size === targets.length, {
    error: "every target needs an id of its own",
    path: ["targets"],
  });

/** The product's own targets. */
export const DEFAULT_TARGETS_FILE = join(import.meta.dirname, "..", "targets.json");

/**
 * Reads a file of targets.
 *
 * @param file default: the product's own targets.
 * @throws Error listing every problem of the file.
 */
export function loadTargets(file = DEFAULT_TARGETS_FILE): Target[] {
  const result = targetsFileSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!result.success) throw new Error(`Targets in ${file} are not valid:\n${z.prettifyError(result.error)}`);
  return result.data.targets;
}

/**
 * Holds what was measured against targets.
 *
 * @param options.underLoad whether the run brought sustained load. Default true; if it did not, what needs load is "not
 *   measured" rather than missed.
 */
export function validatePerformanceTargets(
  measurement: Judged,
  targets: readonly Target[],
  { underLoad = true }: { underLoad?: boolean } = {},
): TargetVerdict[] {
  return targets.map(({ figure, needsLoad, ...target }) => {
    const measured = needsLoad && !underLoad ? null : FIGURES[figure](measurement);
    return { ...target, measured, verdict: verdictOn(target, measured) };
  });
}

function verdictOn(
  target: Pick<Target, "floor" | "aim" | "better">,
  measured: number | null,
): TargetVerdict["verdict"] {
  if (measured === null) return "not measured";
  const reaches = (mark: number): boolean => (target.better === "higher" ? measured >= mark : measured <= mark);
  const { floor, aim } = target;
  if (aim !== null && reaches(aim)) return "aim met";
  // With an aim alone there is nothing that must be reached.
  return floor === null || reaches(floor) ? "floor met" : "missed";
}

function violationsOf(invariants: readonly Invariant[], ids: readonly Invariant["id"][]): number | null {
  const chosen = invariants.filter(({ id, checked }) => ids.includes(id) && checked > 0);
  return chosen.length === 0 ? null : chosen.reduce((sum, { violations }) => sum + violations.length, 0);
}

function rssMb(processes: Measurement["processes"]): number | null {
  const most = highest(processes.map(({ rssMedianBytes }) => rssMedianBytes));
  return most === null ? null : most / MEGABYTE;
}

const highest = (values: readonly number[]): number | null =>
  values.reduce<number | null>((most, value) => (most === null || value > most ? value : most), null);
