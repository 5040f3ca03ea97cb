/**
 * A program that starts a hive of fixture services, prints what it started, and waits for its end.
 * FIXTURE_STORES=embedded: with stores of its own.
 */
import { HiveLauncher } from "../hive/hive-launcher.js";
import { SERVICE } from "./helpers.js";

const noStores = { databaseUrl: "postgres://nowhere", redisUrl: "redis://nowhere" };
const agents = ["a-1", "a-2"].map((name) => ({
  name,
  service: "agent",
  script: SERVICE,
  env: { HIVE_AGENT_ID: name },
}));
const hive = await HiveLauncher.start({
  services: [{ name: "workflow-engine", service: "workflow-engine", script: SERVICE }, ...agents],
  ...(process.env["FIXTURE_STORES"] !== "embedded" && { stores: noStores }),
});
const stores = [hive.stores?.postgres, hive.stores?.redis].flatMap((store) => store?.process.pid ?? []);
const pids = [...hive.supervisor.list().map(({ pid }) => pid), ...stores];
process.send!({ pids, stateDir: hive.stateDir });
