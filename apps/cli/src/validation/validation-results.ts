import { z } from "zod";

/** Version of `validation_results.json`; raised with every change that a reader of the former would stumble over. */
export const VALIDATION_RESULTS_VERSION = 1;

const text = (description: string) => z.string().meta({ description });
const durationMs = (description: string) => z.number().nonnegative().meta({ description, unit: "ms" });
const count = (description: string) => z.int().nonnegative().meta({ description });
const bytes = (description: string) => z.int().nonnegative().meta({ description, unit: "bytes" });

/** Units in which a check tells a number. */
const figureSchema = z
  .object({
    name: text("What was measured, in words, e.g. `kill to running elsewhere, slowest`."),
    value: z.number().meta({ description: "The number, in the unit beside it." }),
    unit: z
      .enum(["1", "1/s", "ms", "MB", "bytes"])
      .meta({ description: "`1` counts things, `1/s` is a rate, `MB` is 1,048,576 bytes." }),
  })
  .meta({ description: "A number that a check found." });
export type Figure = z.infer<typeof figureSchema>;

const common = {
  id: text("Names the check, the same in every run, e.g. `redis-eviction`; `hive validate --check` takes it."),
  title: text("What is checked, in a few words."),
  severity: z.enum(["needed", "advised"]).meta({
    description:
      "`needed`: what the hive promises does not hold without it, so it decides the exit code. `advised`: it works, but not as well as it could.",
  }),
  wanted: text("What must be found for the check to hold."),
  durationMs: durationMs("How long the check took."),
};
const found = text("What was found, with the values that decide.");
const figures = z.array(figureSchema).meta({ description: "The numbers that were found, for reports; may be empty." });
const state = <State extends string>(value: State, description: string) => z.literal(value).meta({ description });

const checkResultSchema = z
  .discriminatedUnion("state", [
    z.object({ ...common, state: state("held", "What was found is what is wanted."), found, figures }),
    z.object({
      ...common,
      state: state("failed", "What was found is not what is wanted, or could not be found out."),
      found,
      figures,
      remedy: text("What to do about it."),
    }),
    z.object({
      ...common,
      state: state("skipped", "Nothing was looked at."),
      reason: text("Why the check could not be made, e.g. that the run was interrupted before."),
    }),
  ])
  .meta({ description: "One check: what it looks at, and how it ended." });
export type CheckResult = z.infer<typeof checkResultSchema>;

/** What `validation_results.json` holds. */
export const validationResultsSchema = z
  .object({
    version: z.literal(VALIDATION_RESULTS_VERSION).meta({ description: "Version of this format." }),
    passed: z.boolean().meta({
      description: "Whether no needed check failed, at least one held, and nobody interrupted the run.",
    }),
    mode: z.enum(["quick", "full"]).meta({
      description: "`quick` kills one process of each type, `full` three, freezes one, and brings a larger burst.",
    }),
    interrupted: z.boolean().meta({ description: "Whether the run was ended before its last check." }),
    startedAt: z.iso.datetime().meta({ description: "When the run began, on this machine's clock, in UTC." }),
    durationMs: durationMs("How long the run took, with the start of the hive if the command started it."),
    environment: z
      .object({
        node: text("Version of Node, e.g. `v24.1.0`."),
        platform: text("Operating system and architecture, e.g. `linux x64`."),
        cores: count("Processors that this process may use."),
        memoryBytes: bytes("Memory of the machine."),
      })
      .meta({ description: "Where it ran." }),
    totals: z
      .object({
        held: count("Checks that held."),
        failedNeeded: count("Needed checks that failed."),
        failedAdvised: count("Advised checks that failed."),
        skipped: count("Checks that were not made."),
      })
      .meta({ description: "How many checks ended how." }),
    checks: z
      .array(checkResultSchema)
      .meta({ description: "All checks of the run, in the order in which they are made." }),
  })
  .meta({ title: "Validation results", description: "What `hive validate` found." });
export type ValidationResults = z.infer<typeof validationResultsSchema>;
