import { commonOptions, runService } from "@agent-hive/service-kit";
import { toError } from "@agent-hive/domain";
import type { Logger } from "@agent-hive/telemetry";
import { AgentModule, agentIdOf, type AgentOptions } from "./agent.module.js";
import { AgentRuntime } from "./agent-runtime.js";
import { readAgentSettings } from "./settings.js";

/**
 * Runs this process as an agent, with health, logs and a shutdown in phases: the whole of a `main.ts`. Settings come from
 * the command line, the environment and the file that one of them names.
 *
 * @param args flags of settings, as in `--slots 4`. Default: the process's. `[]` for a program that has flags of its own.
 */
export async function runAgent(options: AgentOptions, args = process.argv.slice(2)): Promise<void> {
  const { app, logger, url } = await runService(() => {
    const settings = readAgentSettings({ args });
    return {
      ...commonOptions(`agent-${options.agentType.toLowerCase()}`, settings),
      module: AgentModule.forAgent(options, settings),
      agentId: agentIdOf(options.agentType, settings),
      hasHandlers: true,
    };
  });
  crashOnStrayErrors(logger);
  app.get(AgentRuntime, { strict: false }).announce(url);
}

/**
 * An error that no handler caught leaves the process in a state nobody knows: it says so and ends, and the hive gives its
 * tasks to others. The log is written synchronously, so that the line is out before the process is.
 */
function crashOnStrayErrors(logger: Logger): void {
  const crash = (thrown: unknown, origin: string): void => {
    logger.error("an error was not caught, the agent ends", { origin, err: toError(thrown) });
    process.exit(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", (reason) => crash(reason, "unhandledRejection"));
}
