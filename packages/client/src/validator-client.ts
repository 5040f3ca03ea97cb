import type { Act, Measurement, PublishedFigure } from "@agent-hive/measurement";
import { authorization, sendRequest, type RequestOptions } from "./http-request.js";

/** Measuring reads everything that a run has left behind. */
const MEASURE_WITHIN_MS = 120_000;
const TIMEOUT_MS = 30_000;

/** What is measured of a run. */
export interface RunToMeasure {
  name?: string;
  /** It brings sustained load: targets that only load can show are judged. Default false. */
  underLoad?: boolean;
  /** Asks the hive to tell events, without which nobody knows when a delivery was claimed. Default false. */
  events?: boolean;
}

/** Typed access to a metrics validator. Every method throws `HiveApiError` or `HiveUnreachableError`. */
export class ValidatorClient {
  /** @param apiKey sent with every request, to a validator that asks for one. */
  constructor(
    private readonly url: string,
    private readonly apiKey?: string,
  ) {}

  /** Measuring begins now. @returns the run's id. */
  async begin(run: RunToMeasure = {}): Promise<string> {
    return (await this.send<{ id: string }>("", run)).id;
  }

  /** Tells what was done to processes on purpose, up to 1,000 acts at once. */
  async noteActs(runId: string, acts: readonly Act[]): Promise<void> {
    if (acts.length > 0) await this.send(`/${runId}/acts`, { acts });
  }

  /** Tells what others publish of the run, to be compared with what it came to; up to 1,000 figures at once. */
  async noteFigures(runId: string, figures: readonly PublishedFigure[]): Promise<void> {
    if (figures.length > 0) await this.send(`/${runId}/figures`, { figures });
  }

  /** @param atRest all work is said to be over: what still runs counts as lost. */
  end(runId: string, { atRest }: { atRest: boolean }): Promise<Measurement> {
    return this.send<Measurement>(`/${runId}/end`, { atRest }, MEASURE_WITHIN_MS);
  }

  /** What the run has come to; so far, if it is under way. */
  measurement(runId: string): Promise<Measurement> {
    return this.ask(`/${runId}`, {}, MEASURE_WITHIN_MS);
  }

  private send<T>(path: string, body: unknown, limitMs = TIMEOUT_MS): Promise<T> {
    return this.ask(path, { method: "POST", body }, limitMs);
  }

  private ask<T>(path: string, request: RequestOptions, limitMs: number): Promise<T> {
    return sendRequest(`${this.url}/v1/runs${path}`, { ...request, headers: authorization(this.apiKey) }, limitMs);
  }
}
