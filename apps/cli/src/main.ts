import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { HiveApiError, HiveUnreachableError } from "@agent-hive/client";
import { listExamples } from "@agent-hive/product-spec";
import { SERVICES, SETTING_NAMES, flagOf, readSettings } from "@agent-hive/service-kit/settings";
import { chaos, type ChaosOptions } from "./commands/chaos.js";
import { showConfig, type ConfigOptions } from "./commands/config.js";
import { dev } from "./commands/dev.js";
import { showGroups } from "./commands/groups.js";
import type { DoctorOptions } from "./commands/doctor.js";
import { replay, type ReplayOptions } from "./commands/replay.js";
import { submit, type SubmitOptions } from "./commands/submit.js";
import type { ValidateOptions } from "./commands/validate.js";
import { watchWorkflow } from "./commands/watch.js";
import { connect, type ConnectionOptions } from "./connection.js";
import { demonstrate, type DemonstrationOptions } from "./demonstration/demonstrate.js";
import { table, tell } from "./terminal/print.js";

const DEFAULT_STATE_DIR = ".hive";
const CONFIG_FILE = "file with settings, YAML or JSON (default: HIVE_CONFIG_FILE)";
const SETTINGS_HELP = `A flag is stronger than the environment, that than the file, and that than the default. docs/settings.md describes
every setting. Flags, which services take too:

  ${table(SETTING_NAMES.map((name) => [flagOf(name), name])).join("\n  ")}

Examples:
  hive config --service agents                 what an agent reads, and from where
  hive config --config hive.yaml --slots 4     whether a file and a flag can be used`;

const VALIDATE_HELP = `
A hive of its own is started on embedded PostgreSQL and Redis, and stopped at the end; no other hive is touched. Checks
look at this machine, the versions and settings of both stores, their clocks, the schema and the groups; run a small
workflow and kill an agent of each type; measure a burst of workflows and the memory of all services; and have the metrics
validator judge all that ran. Needed checks decide the exit code: 0 if all hold, 1 if not, 130 if it was interrupted. The
results lie in DIR/validation_results.json, also after Ctrl-C, what the services logged in DIR/validation.log.

Examples:
  hive validate --quick                        about half a minute
  hive validate                                about two minutes: three kills of each type, and a freeze
  hive validate --check redis-eviction --redis-url redis://redis.example:6379
                                               look at a Redis of yours; only keys of the run are made and removed`;

const REPLAY_HELP = `
Keys: space pauses, ← and → go a second back and on, + and - change the speed, q leaves.

Examples:
  hive replay phase2_results/run_recording.ndjson --speed 2
  hive replay phase2_results/run_recording.ndjson | grep claimed
  hive replay phase2_results/run_recording.ndjson --at 8 --json`;

const DOCTOR_HELP = `
DATABASE_URL and REDIS_URL name the stores (HIVE_KEY_PREFIX, if they are shared), HIVE_URL and HIVE_COORDINATOR_URL the
services; without them the hive is examined that hive dev runs. What does not answer is told, and the rest looked at.

Examples:
  hive doctor
  DATABASE_URL=postgres://… REDIS_URL=redis://… hive doctor --json`;

const CHAOS_HELP = `
Only agents of groups with a second one are killed, so that others can go on; whoever runs them starts them again.

Examples:
  hive chaos --every 10 --seconds 60           beside a load test
  HIVE_API_KEY=$(docker compose run --rm provisioner key) \\
    hive chaos --url http://127.0.0.1:3000 --coordinator-url http://127.0.0.1:3001
                                               against containers of docker compose`;

const program = new Command("hive")
  .description("Runs multi-step DAG workflows across groups of agents and finishes them whatever crashes.")
  .option("--no-color", "plain text")
  .showHelpAfterError("(add --help for the options)")
  .showSuggestionAfterError();

withSettings(program.command("demo"))
  .description(
    "Build a small application with eleven tasks while agents are killed and frozen; exit code 0 if all eight criteria are met.",
  )
  .addOption(
    new Option("--example <name>", "which product to build").choices(listExamples()).default(listExamples()[0]),
  )
  .option("--specification <file>", "build this product specification (YAML) instead of an example")
  .option("--output-dir <dir>", "where results and the built application go", "phase2_results")
  .option("--seed <number>", "which agents are struck, and when (default: chosen at random)", positiveInteger)
  .addOption(new Option("--validate-only", "only check the machine and the hive").conflicts("demoOnly"))
  .option("--quick", "with --validate-only: half a minute instead of two")
  .option("--demo-only", "without the checks")
  .addOption(
    new Option(
      "--compose",
      "in containers: docker compose brings a hive of its own up, whose agents are killed in their containers, and removes it",
    ).conflicts(["validateOnly", "performanceMode"]),
  )
  .addOption(
    new Option(
      "--performance-mode",
      "then load a hive: in steps up to its limit, for minutes with an agent killed every 10 s, and with 100 and 1,000 workflows at once; 15 minutes at most",
    ).conflicts("validateOnly"),
  )
  .option("--performance-minutes <number>", "of the load with kills", positiveInteger, 5)
  .option("--verbose", "tell every event")
  .option("--json", "print the results as JSON")
  .action(run((options: DemonstrationOptions) => demonstrate(options)));

withSettings(program.command("dev"))
  .description("Run a whole hive on embedded PostgreSQL and Redis until Ctrl-C.")
  .option("--state-dir <dir>", "data, logs and addresses", DEFAULT_STATE_DIR)
  .option("--agents <number>", "processes of each agent type", positiveInteger, 2)
  .option("--load-handlers", "enable the handlers noop, echo, hash and fault")
  .option("--json", "print addresses and processes as JSON")
  .action(run(dev));

withSettings(program.command("validate"))
  .description("Check that a hive works on this machine, crashes and all; exit code 0 if all needed checks hold.")
  .option("--quick", "one kill of each type, no freezes, a smaller burst: about 30 s instead of two minutes")
  .option("--check <ids...>", "make these checks only, e.g. redis-eviction crash-backend")
  .option("--output-dir <dir>", "where validation_results.json and the log go", "phase2_results")
  .option("--database-url <url>", "check this PostgreSQL: the run makes a database there, and removes it")
  .option("--redis-url <url>", "check this Redis: the run uses a key prefix of its own, and removes its keys")
  .option("--json", "print the results as JSON")
  .addHelpText("after", VALIDATE_HELP)
  // Loaded when it is wanted: what it needs of PostgreSQL would slow down the start of every other command.
  .action(run(async (options: ValidateOptions) => (await import("./commands/validate.js")).validate(options)));

withConnection(program.command("submit"))
  .description(
    "Submit a workflow (or an array of them) from a JSON, YAML or NDJSON file, also gzipped; - reads standard input.",
  )
  .argument("<file>")
  .option("--product", "the file is a product specification: submit the workflow that builds it")
  .option("--idempotency-key <key>", "submitting again with the same key gives the same workflow")
  .option("--watch", "follow it until it ends; exit code 0 if it succeeded")
  .option("--json", "print JSON")
  .action(run((file: string, options: SubmitOptions & ConnectionOptions) => submit(connect(options), file, options)));

withConnection(program.command("watch"))
  .description("Follow a workflow until it ends; exit code 0 if it succeeded.")
  .argument("<workflow id>")
  .option("--json", "print events and the workflow as JSON lines")
  .action(
    run((id: string, options: { json?: boolean } & ConnectionOptions) => watchWorkflow(connect(options), id, options)),
  );

program
  .command("replay")
  .description(
    "Play a recorded run, as the demonstration writes it; line by line where there is no terminal of colours.",
  )
  .argument("<file>", "run_recording.ndjson of a demonstration")
  .option("--speed <number>", "times as fast", positive, 1)
  .option("--at <seconds>", "where to begin", notNegative, 0)
  .option("--json", "print what is on the screen there (default: at the end) as JSON")
  .addHelpText("after", REPLAY_HELP)
  .action(run((file: string, options: ReplayOptions) => replay(file, options)));

withConnection(program.command("groups"))
  .description("Show the groups of agents with their consumers and what waits for them.")
  .option("--json", "print JSON")
  .action(run((options: { json?: boolean } & ConnectionOptions) => showGroups(connect(options), options)));

withConnection(program.command("doctor"))
  .description(
    "Examine an installation as it stands: settings, stores, clocks, schema, services, groups, stuck work. Changes nothing; exit code 1 if anything needed does not hold.",
  )
  .option("--json", "print the results as JSON")
  .addHelpText("after", DOCTOR_HELP)
  // Loaded when it is wanted, as for validate.
  .action(run(async (options: DoctorOptions) => (await import("./commands/doctor.js")).doctor(options)));

withConnection(program.command("chaos"))
  .description(
    "Kill agents of a running hive, one after the other: processes of this machine, or in its containers. Exit code 1 if none was killed.",
  )
  .option("--every <seconds>", "from kill to kill", positive, 10)
  .option("--seconds <number>", "how long (default: until Ctrl-C)", positive)
  .option("--seed <number>", "which agents (default: chosen at random)", positiveInteger)
  .option("--json", "print each kill as a line of JSON")
  .addHelpText("after", CHAOS_HELP)
  .action(run((options: ChaosOptions & ConnectionOptions) => chaos(connect(options), options)));

program
  .command("config")
  .description(
    "Show every setting with its value, where that comes from, and what it is for; exit code 1 if anything is wrong.",
  )
  .argument("[flags...]", "settings as flags, as a service would be given them, e.g. --slots 4")
  .addOption(new Option("--service <name>", "only what this service reads").choices(SERVICES))
  .option("--config <file>", CONFIG_FILE)
  .option("--json", "print settings, problems and warnings as JSON")
  .allowUnknownOption() // the flags of settings, which are checked together with all else
  .addHelpText("after", `\n${SETTINGS_HELP}`)
  .action(run(async (flags: string[], options: ConfigOptions) => showConfig(flags, options)));

/** For a command that reads settings: `--config` holds for it and for all that it starts. */
function withSettings(command: Command): Command {
  return command.option("--config <file>", CONFIG_FILE).hook("preAction", (_program, action) => {
    const { config } = action.opts<{ config?: string }>();
    if (config) process.env["HIVE_CONFIG_FILE"] = resolve(config);
  });
}

function withConnection(command: Command): Command {
  return withSettings(command)
    .option("--url <url>", "address of the workflow engine (default: HIVE_URL)")
    .option("--coordinator-url <url>", "address of the group coordinator (default: HIVE_COORDINATOR_URL)")
    .option("--state-dir <dir>", "find the hive that `hive dev` runs there", DEFAULT_STATE_DIR);
}

/** Runs a command, makes its number the exit code, and tells what went wrong in one message without a stack. */
function run<Arguments extends unknown[]>(command: (...args: Arguments) => Promise<number>) {
  return async (...args: Arguments): Promise<void> => {
    try {
      process.exitCode = await command(...args);
    } catch (error) {
      tell(describe(error));
      process.exitCode = 1;
    }
  };
}

function describe(error: unknown): string {
  if (error instanceof HiveApiError || error instanceof HiveUnreachableError) return error.message;
  if (!(error instanceof Error)) return String(error);
  return wantsStacks() ? (error.stack ?? error.message) : error.message;
}

/** Settings that cannot be read ask for nothing: that they cannot is what is being told. */
function wantsStacks(): boolean {
  try {
    return readSettings("cli", { warn: () => undefined }).HIVE_LOG_LEVEL === "debug";
  } catch {
    return false;
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("It must be a number from 0.");
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

await program.parseAsync();
