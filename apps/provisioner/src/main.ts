import { Command, Option } from "commander";
import { createKeys } from "@agent-hive/contracts";
import { Secrets } from "@agent-hive/provisioning";
import { agentTypesOf } from "@agent-hive/service-kit";
import { createLogger } from "@agent-hive/telemetry";
import { setUpStores } from "./set-up-stores.js";

interface Options {
  folder: string;
  postgres: string;
  redis: string;
  keyPrefix: string;
  agentTypesFile?: string;
}

const logger = createLogger({ service: "provisioner" });

const program = new Command("provisioner").description(
  "Sets an installation of Agent Hive up. Every command may be repeated.",
);

/** A command with the options that all of them have. */
const command = (name: string): Command =>
  program
    .command(name)
    .addOption(new Option("--folder <path>", "where the secrets are kept").default("/secrets"))
    .addOption(new Option("--postgres <address>", "PostgreSQL, as the services reach it").default("postgres:5432/hive"))
    .addOption(new Option("--redis <address>", "Redis, as the services reach it").default("redis:6379"))
    .addOption(new Option("--key-prefix <text>", "put before every key in Redis").env("HIVE_KEY_PREFIX").default(""))
    .addOption(new Option("--agent-types-file <path>", "the agent types").env("HIVE_AGENT_TYPES_FILE"));

command("secrets")
  .description("make the secrets that are missing, and write what each service and store is told")
  .action((options: Options) => {
    secretsOf(options).write();
    logger.info("the secrets are written", { folder: options.folder });
  });

command("stores")
  .description("give Redis and PostgreSQL their accounts, and PostgreSQL the schema")
  .action(async (options: Options) => {
    await setUpStores(secretsOf(options), logger);
    logger.info("the stores are set up");
  });

command("key")
  .description("print the API key of whoever looks after the hive")
  .action((options: Options) => void process.stdout.write(`${secretsOf(options).operatorKey}\n`));

command("settings")
  .description("print the settings of whoever looks after the hive, as YAML: key, and addresses with all rights")
  .action((options: Options) => void process.stdout.write(secretsOf(options).operatorSettings));

command("grafana")
  .description('print the password of "admin" in Grafana')
  .action((options: Options) => void process.stdout.write(`${secretsOf(options).grafanaPassword}\n`));

function secretsOf({ folder, postgres, redis, keyPrefix, agentTypesFile }: Options): Secrets {
  const types = agentTypesOf({ HIVE_AGENT_TYPES_FILE: agentTypesFile, HIVE_LOAD_HANDLERS: false });
  return new Secrets(folder, { postgres, redis }, createKeys(keyPrefix), types);
}

try {
  await program.parseAsync();
} catch (error) {
  logger.error("it could not be set up", { err: error });
  process.exitCode = 1;
}
