/** One process with an agent of every type in it: what it takes to run a hive in as few processes as possible. */
import "reflect-metadata";
import { runAgent } from "@agent-hive/agent-sdk";
import { AGENT_SERVICES } from "@agent-hive/launcher";

const processName = process.env["HIVE_AGENT_ID"] ?? `agents-${process.pid}`;

// The agents start one after another, since each reads its settings as it starts; the last one has the port at which the
// launcher looks whether the process is ready.
const port = process.env["HIVE_HTTP_PORT"];
const types = Object.keys(AGENT_SERVICES);
for (const [index, agentType] of types.entries()) {
  process.env["HIVE_AGENT_ID"] = `${processName}-${agentType}`;
  process.env["HIVE_HTTP_PORT"] = index === types.length - 1 ? port : "0";
  await runAgent({ agentType, handlers: [] });
}
