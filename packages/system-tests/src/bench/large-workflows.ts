/**
 * What one very large workflow costs, and that it runs to its end: submitted as packed lines, stored, and run by `noop`
 * handlers in real processes, while the engine is asked for its health and given small workflows.
 *
 *     node packages/system-tests/dist/bench/large-workflows.js [--shapes wide,layered,chain,refused] [--slots 64]
 *
 * Shapes: `wide` 1 → 99,998 → 1; `layered` 100 layers of 1,000, each task after two of the layer before; `chain` 10,000
 * tasks one after another; `refused` one task too many. Prints a line of JSON for each.
 */
import { performance } from "node:perf_hooks";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { HiveApiError, HiveClient } from "@agent-hive/client";
import { HiveLauncher } from "@agent-hive/launcher";
import { elevenTasks } from "../definitions.js";

const GIVE_UP_AFTER_MS = 900_000;
const ASK_EVERY_MS = 50;

const { values: options } = parseArgs({
  options: {
    shapes: { type: "string", default: "wide,layered,chain,refused" },
    slots: { type: "string", default: "64" },
  },
});

interface Line {
  id: string;
  agentType: string;
  handler: string;
  dependsOn?: string[];
}

const task = (id: string, dependsOn: string[] = []): Line => ({ id, agentType: "backend", handler: "noop", dependsOn });
const numbered = (count: number, make: (index: number) => Line): Line[] =>
  Array.from({ length: count }, (_, i) => make(i));

const SHAPES: Record<string, () => Line[]> = {
  wide: () => {
    const middle = numbered(99_998, (i) => task(`m${i}`, ["first"]));
    return [
      task("first"),
      ...middle,
      task(
        "last",
        middle.map(({ id }) => id),
      ),
    ];
  },
  layered: () =>
    numbered(100_000, (i) => {
      const [layer, place] = [Math.floor(i / 1000), i % 1000];
      const before = (offset: number): string => `t${(layer - 1) * 1000 + ((place + offset) % 1000)}`;
      return task(`t${i}`, layer === 0 ? [] : [before(0), before(1)]);
    }),
  chain: () => numbered(10_000, (i) => task(`t${i}`, i === 0 ? [] : [`t${i - 1}`])),
  refused: () => numbered(100_001, (i) => task(`t${i}`)),
};

async function measure(client: HiveClient, shape: string): Promise<object> {
  const tasks = SHAPES[shape]!();
  const text = [{ name: shape }, ...tasks].map((line) => JSON.stringify(line)).join("\n");
  const watch = new Watch(client);
  const before = performance.now();
  try {
    const [{ id } = { id: "" }] = await client.submitText(text, { format: "ndjson" });
    const submitSeconds = secondsSince(before);
    const whileSubmitting = watch.take();
    const state = await ended(client, id);
    const whole = {
      shape,
      tasks: tasks.length,
      bytes: text.length,
      submitSeconds,
      runSeconds: secondsSince(before),
      state,
    };
    return { ...whole, whileSubmitting, whileRunning: await watch.end(), peakRssMegabytes: peakRss() };
  } catch (error) {
    if (!(error instanceof HiveApiError)) throw error;
    const { status, problem } = error;
    const refused = { shape, tasks: tasks.length, status, detail: problem.detail, seconds: secondsSince(before) };
    return { ...refused, meanwhile: await watch.end(), peakRssMegabytes: peakRss() };
  }
}

async function ended(client: HiveClient, id: string): Promise<string> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { state, tasks } = await client.workflow(id);
    if (state !== "running") return `${state}, ${tasks.succeeded} succeeded`;
    if (performance.now() > deadline) return `not ended: ${JSON.stringify(tasks)}`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Asks for the engine's health, and submits small workflows, and keeps how long that took. */
class Watch {
  private health: number[] = [];
  private submissions: number[] = [];
  private isOver = false;
  private readonly asking: Promise<void>;

  constructor(client: HiveClient) {
    this.asking = this.ask(client);
  }

  take(): object {
    const longest = (times: number[]): number => Math.round(Math.max(0, ...times));
    const taken = {
      asked: this.health.length,
      longestHealthMs: longest(this.health),
      submitted: this.submissions.length,
      longestSubmissionMs: longest(this.submissions),
    };
    this.health = [];
    this.submissions = [];
    return taken;
  }

  async end(): Promise<object> {
    this.isOver = true;
    await this.asking;
    return this.take();
  }

  private async ask(client: HiveClient): Promise<void> {
    for (let turn = 0; !this.isOver; turn++) {
      this.health.push(await timed(() => fetch(`${hive.engineUrl}/health/live`).then((response) => response.text())));
      if (turn % 20 === 0) this.submissions.push(await timed(() => client.submit(elevenTasks("noop"))));
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await action();
  return performance.now() - before;
}

function secondsSince(before: number): number {
  return Number(((performance.now() - before) / 1000).toFixed(1));
}

/** The most memory that the engine has had resident so far. */
function peakRss(): number {
  const engine = hive.supervisor.list().find(({ name }) => name.startsWith("workflow-engine"))!;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${engine.pid}/status`, "utf8"));
  return Math.round(Number(peak?.[1]) / 1024);
}

const hive = await HiveLauncher.start({
  agentsPerType: { architects: 1, backend: 2, frontend: 1, qa: 1 },
  env: { HIVE_LOAD_HANDLERS: "true", HIVE_SLOTS: options.slots, HIVE_LOG_LEVEL: "warn" },
  onProgress: (message) => process.stderr.write(`${message}\n`),
});
try {
  const client = new HiveClient({ engineUrl: hive.engineUrl, timeoutMs: 120_000 });
  for (const shape of options.shapes.split(","))
    process.stdout.write(`${JSON.stringify(await measure(client, shape))}\n`);
} finally {
  await hive.stop();
}
