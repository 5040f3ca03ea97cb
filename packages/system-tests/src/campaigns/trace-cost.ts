/**
 * What tracing costs: the same burst with none, a hundredth and all of the workflows traced, in turn, on the same stores, with a
 * collector that takes spans and throws them away.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BenchStores } from "../bench/bench-stores.js";
import { HivePipeline } from "../bench/hive/hive-pipeline.js";
import { percentile } from "../bench/statistics.js";
import { finishAll, submitAll, warmUpWithBurst } from "../bench/workload.js";
import { elevenTasks } from "../definitions.js";
import { campaign, type Control, type Outcome } from "./campaign.js";

const FLAGS = {
  rounds: { default: 5, what: "bursts in each way" },
  workflows: { default: 4_000, what: "in each burst" },
};
type Flags = Record<keyof typeof FLAGS, number>;

/** Most of the throughput that may be lost, in per cent. */
const LIMITS = { "1 %": 5, "100 %": 20 } as const;
const SHARES = { off: undefined, "1 %": "0.01", "100 %": "1" } as const;
type Way = keyof typeof SHARES;
const AGENTS = 2;
const SLOTS = 100;

await campaign({ name: "trace-cost", what: "What tracing costs of a burst.", flags: FLAGS, run });

async function run(flags: Flags, control: Control): Promise<Outcome> {
  const stores = await BenchStores.start(control.tell);
  const collector = await startCollector();
  const speeds: Record<Way, number[]> = { off: [], "1 %": [], "100 %": [] };
  try {
    for (let round = 1; round <= flags.rounds && !control.signal.aborted; round++) {
      const ways = Object.keys(SHARES) as Way[];
      for (const way of round % 2 === 1 ? ways : ways.reverse()) {
        const speed = await measure(stores, environmentOf(way, collector), flags.workflows);
        speeds[way].push(speed);
        control.tell(`round ${round}, traced ${way}: ${Math.round(speed)} workflows/s`);
      }
    }
  } finally {
    collector.close();
    await stores.stop();
  }
  const medians = Object.fromEntries(Object.entries(speeds).map(([way, all]) => [way, percentile(all, 0.5)])) as Record<
    Way,
    number
  >;
  return {
    measures: Object.entries(LIMITS).map(([way, limit]) => ({
      name: `lost with ${way} traced`,
      measured: 100 * (1 - medians[way as Way] / medians.off),
      limit,
      unit: "%",
    })),
    violations: [],
    figures: { medians, speeds },
    ...(control.signal.aborted && { void: "It was stopped before the last round." }),
  };
}

function environmentOf(way: Way, collector: Server): NodeJS.ProcessEnv {
  const share = SHARES[way];
  if (share === undefined) return {};
  const { port } = collector.address() as AddressInfo;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    HIVE_TRACE_RATIO: share,
    HIVE_TRACES_PER_SECOND: "1000000",
  };
}

async function measure(stores: BenchStores, env: NodeJS.ProcessEnv, workflows: number): Promise<number> {
  const databaseUrl = await stores.renew("trace_cost");
  const hive = await HivePipeline.start({
    databaseUrl,
    redisUrl: stores.redisUrl,
    layout: "shared",
    agents: AGENTS,
    slots: SLOTS,
    env,
  });
  try {
    await warmUpWithBurst(hive, { workflows });
    const startedAt = performance.now();
    await submitAll(hive, elevenTasks("noop"), workflows);
    await finishAll(hive);
    return (1000 * workflows) / (performance.now() - startedAt);
  } finally {
    await hive.stop();
  }
}

/** What a collector elsewhere would cost is not measured; this one reads what it is sent. */
async function startCollector(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}
