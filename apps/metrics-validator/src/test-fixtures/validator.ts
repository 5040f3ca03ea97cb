import { measurementSchema, type Invariant, type Measurement } from "@agent-hive/measurement";
import { startService, type RunningService } from "@agent-hive/service-kit";
import { readValidatorSettings } from "../config.js";
import { validatorService } from "../service.js";

/** The validator as a service, asked over HTTP. */
export class Validator {
  private constructor(private readonly service: RunningService) {}

  static async start(env: Record<string, string>): Promise<Validator> {
    return new Validator(await startService(validatorService(readValidatorSettings({ env }))));
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.service.url}${path}`);
  }

  post(path: string, body?: unknown): Promise<Response> {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    return fetch(`${this.service.url}${path}`, { method: "POST", body: JSON.stringify(body), headers: content });
  }

  /** @returns the id of a run just begun. */
  async begin(body?: object): Promise<string> {
    const response = await this.post("/v1/runs", body);
    if (response.status !== 201) throw new Error(await response.text());
    return ((await response.json()) as { id: string }).id;
  }

  async end(id: string, body?: object): Promise<Measurement> {
    return measurementOf(await this.post(`/v1/runs/${id}/end`, body));
  }

  async measurement(id: string): Promise<Measurement> {
    return measurementOf(await this.get(`/v1/runs/${id}`));
  }
}

/** @throws Error if it is not what the schema says. */
export async function measurementOf(response: Response): Promise<Measurement> {
  if (response.status !== 200) throw new Error(await response.text());
  return measurementSchema.parse(await response.json());
}

/** `I2: what is wrong`, for all that is. */
export const violationsOf = (invariants: readonly Invariant[]): string[] =>
  invariants.flatMap(({ id, violations }) => violations.map((violation) => `${id}: ${violation}`));
