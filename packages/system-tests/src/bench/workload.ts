/** What scenarios do with a pipeline: give it workflows, and watch PostgreSQL for their ends. */
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { elevenTasks } from "../definitions.js";
import type { BenchOptions } from "./options.js";
import type { Pipeline } from "./pipeline.js";

const GIVE_UP_AFTER_MS = 180_000;
const WORKFLOWS_PER_REQUEST = 250;
const LOOK_EVERY_MS = 25;

/** Submits so many workflows, a few hundred a request. */
export async function submitAll(pipeline: Pipeline, definition: WorkflowDefinitionInput, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += WORKFLOWS_PER_REQUEST) {
    await pipeline.submit(definition, Math.min(WORKFLOWS_PER_REQUEST, count - sent));
  }
}

/** Waits until no workflow is unfinished; looks every 25 ms. */
export async function finishAll(pipeline: Pipeline): Promise<void> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { rows } = await pipeline.database.query<{ open: number }>(
      "select count(*)::integer as open from workflow where finished_at is null",
    );
    const open = rows[0]!.open;
    if (open === 0) return;
    if (performance.now() > deadline) throw new Error(`${open} workflows did not end within ${GIVE_UP_AFTER_MS} ms.`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Work that is not measured: the burst once before. Services run for weeks, so it is their compiled code that counts. */
export async function warmUpWithBurst(
  pipeline: Pipeline,
  { workflows }: Pick<BenchOptions, "workflows">,
): Promise<void> {
  await submitAll(pipeline, elevenTasks("noop"), workflows);
  await finishAll(pipeline);
}

/** Which of the workflows have finished. */
async function finishedOf(pipeline: Pipeline, ids: string[]): Promise<string[]> {
  const { rows } = await pipeline.database.query<{ id: string }>({
    name: "finished",
    text: `select id::text from workflow where id = any($1::${pipeline.idType}[]) and finished_at is not null`,
    values: [ids],
  });
  return rows.map(({ id }) => id);
}

/** Waits for one workflow; returns after a millisecond more than it took at most. */
export async function finish(pipeline: Pipeline, id: string): Promise<void> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  while ((await finishedOf(pipeline, [id])).length === 0) {
    if (performance.now() > deadline) throw new Error(`Workflow ${id} did not end within ${GIVE_UP_AFTER_MS} ms.`);
    await delay(1);
  }
}

/** PostgreSQL's present time, to the microsecond. */
export async function now(pipeline: Pipeline): Promise<string> {
  const { rows } = await pipeline.database.query<{ at: string }>("select clock_timestamp()::text as at");
  return rows[0]!.at;
}

/** Milliseconds from created_at to finished_at of all workflows created since, by PostgreSQL's clock. */
export async function latenciesSince(pipeline: Pipeline, since: string): Promise<number[]> {
  const { rows } = await pipeline.database.query<{ ms: number }>(
    `select 1000 * extract(epoch from finished_at - created_at)::double precision as ms
       from workflow where created_at >= $1 and finished_at is not null`,
    [since],
  );
  return rows.map(({ ms }) => ms);
}

/** So many workflows always in flight, each replaced when it is seen finished, until the task is done. */
export class ClosedLoop {
  private readonly inFlight = new Map<string, number>();
  private submitted = 0;
  private stopped = false;
  /** Client's clock, request to the look that finds it finished, in ms; in the order of the ends. */
  readonly latencies: number[] = [];

  constructor(
    private readonly pipeline: Pipeline,
    private readonly definition: WorkflowDefinitionInput,
    private readonly size: number,
    private readonly lookEveryMs: number,
  ) {}

  /** Runs until so many workflows have finished, or until it is stopped and those in flight have. */
  async run(total = Infinity): Promise<void> {
    const deadline = performance.now() + GIVE_UP_AFTER_MS;
    await this.fill(total);
    while (this.inFlight.size > 0) {
      if (performance.now() > deadline)
        throw new Error(`${this.inFlight.size} workflows did not end within ${GIVE_UP_AFTER_MS} ms.`);
      await delay(this.lookEveryMs);
      const finished = await finishedOf(this.pipeline, [...this.inFlight.keys()]);
      const at = performance.now();
      for (const id of finished) {
        this.latencies.push(at - this.inFlight.get(id)!);
        this.inFlight.delete(id);
      }
      if (finished.length > 0) await this.fill(total);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async fill(total: number): Promise<void> {
    const count = Math.min(this.size - this.inFlight.size, total - this.submitted);
    if (this.stopped || count <= 0) return;
    this.submitted += count;
    const at = performance.now();
    for (const id of await this.pipeline.submit(this.definition, count)) this.inFlight.set(id, at);
  }
}
