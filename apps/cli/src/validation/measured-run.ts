import type { ActRecord } from "@agent-hive/chaos";
import type { HiveLauncher } from "@agent-hive/launcher";
import { measurementSchema, type Act, type Measurement } from "@agent-hive/measurement";
import { until } from "./waiting.js";

const VALIDATOR = "metrics-validator";
const ANSWER_WITHIN_MS = 30_000;
const RECOVERIES_WITHIN_MS = 30_000;

/** What is told of a run, and what it came to. */
export interface Measuring {
  /** Takes down what was done to an agent, and which task it came upon. */
  note(record: ActRecord): Promise<void>;
  /** Ends it, once the recovery from every act has been recorded, and gives what it came to. */
  end(signal: AbortSignal): Promise<Measurement>;
}

/** Where measuring could not be begun: only whoever asks what the run came to fails of it. */
export class UnmeasuredRun implements Measuring {
  constructor(private readonly reason: string) {}

  async note(): Promise<void> {
    // Nobody takes it down.
  }

  async end(): Promise<never> {
    throw new Error(`Nothing was measured: ${this.reason}`);
  }
}

/** A run that the metrics validator measures, from its own reading of the stores, while the checks go on. */
export class MeasuredRun implements Measuring {
  private readonly struck: string[] = [];

  private constructor(private readonly url: string) {}

  /**
   * Begins to measure; undefined if the hive has no metrics validator.
   *
   * @throws Error if it does not answer.
   */
  static async begin({ supervisor }: HiveLauncher): Promise<MeasuredRun | undefined> {
    const validator = supervisor.list().find(({ service }) => service === VALIDATOR);
    if (validator === undefined) return undefined;
    const runs = `http://127.0.0.1:${validator.port}/v1/runs`;
    const { id } = await ask<{ id: string }>(runs, { name: "validation", events: true });
    return new MeasuredRun(`${runs}/${id}`);
  }

  async note(record: ActRecord): Promise<void> {
    const act = actOf(record);
    await ask(`${this.url}/acts`, { acts: [act] });
    this.struck.push(act.incarnation);
  }

  async end(signal: AbortSignal): Promise<Measurement> {
    // A lost delivery may be recorded a moment after its workflow has ended.
    const areRecovered = async (): Promise<true | undefined> => {
      const { recoveries } = await ask<Measurement>(this.url);
      return this.struck.every((struck) => recoveries.some(({ incarnation }) => incarnation === struck)) || undefined;
    };
    await until("every recovery is recorded", areRecovered, { withinMs: RECOVERIES_WITHIN_MS, signal });
    return measurementSchema.parse(await ask(`${this.url}/end`, { atRest: true }));
  }
}

/** What else the process held is left to the history to tell. */
function actOf({ act, agentId, group, incarnation, at, moment }: ActRecord): Act {
  const kind = act === "freeze" ? "freeze" : "crash";
  const agentType = moment?.agentType ?? "";
  return { kind, agentId, incarnation: incarnation ?? "", agentType, group, atMs: Date.parse(at), held: [] };
}

async function ask<T>(url: string, body?: object): Promise<T> {
  const post = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(url, { ...(body && post), signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The metrics validator answered ${response.status} at ${url}: ${text}`);
  return JSON.parse(text) as T;
}
