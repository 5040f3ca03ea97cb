/**
 * Samples memory and processor time of the hive's processes on this machine, once a second, by the process numbers in the
 * registry. Others can be measured only where they run.
 */
import { hostname } from "node:os";
import type { Registration } from "@agent-hive/contracts";
import type { ProcessRecord } from "@agent-hive/measurement";
import { Recurring } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import type { Window } from "../records/primary-records.js";
import { usageOf, type ProcessUsage } from "./process-usage.js";

const INTERVAL_MS = 1_000;
/** Twenty minutes: longer than the longest run that the product makes by itself. */
const MOST_SAMPLES = 1_200;
/** Lives remembered; a hive in which agents crash all the time has many. */
const MOST_PROCESSES = 1_000;

export interface ProcessSamplerOptions {
  registrations: () => Promise<Registration[]>;
  logger: Logger;
  /** Default: the one of this machine. */
  host?: string;
  /** Default: what /proc says. */
  usage?: (pid: number) => Promise<ProcessUsage | undefined>;
  /** Default: the machine's. */
  nowMs?: () => number;
}

export class ProcessSampler {
  /** By agent and process number, in the order in which they were first seen. */
  private readonly processes = new Map<string, ProcessRecord>();
  private elsewhere = new Map<string, string[]>();
  private unreadable: string[] = [];
  private readonly recurring: Recurring;

  constructor(private readonly options: ProcessSamplerOptions) {
    const runOnce = (): Promise<void> => this.sample();
    const { logger } = options;
    this.recurring = new Recurring({ name: "sampling", intervalMs: INTERVAL_MS, jitter: 0, runOnce, logger });
  }

  start(): void {
    this.recurring.start();
  }

  /** Resolves when no sample is being taken any more. */
  async stop(): Promise<void> {
    await this.recurring.stop();
  }

  /** Takes one sample of every registered process. */
  async sample(): Promise<void> {
    const { registrations, host = hostname(), usage = usageOf, nowMs = Date.now } = this.options;
    const registered = await registrations();
    const [here, others] = [
      registered.filter((each) => each.host === host),
      registered.filter((each) => each.host !== host),
    ];
    this.elsewhere = new Map(
      [...Map.groupBy(others, (each) => each.host)].map(([name, all]) => [name, all.map(({ agentId }) => agentId)]),
    );
    const usages = await Promise.all(here.map(({ pid }) => usage(pid)));
    this.unreadable = here.filter((_, index) => usages[index] === undefined).map(({ agentId }) => agentId);
    const atMs = nowMs();
    for (const [index, registration] of here.entries()) {
      const used = usages[index];
      if (used !== undefined) this.keep(registration, { atMs, ...used });
    }
  }

  /** The samples of a window. */
  within({ fromMs, toMs }: Window): ProcessRecord[] {
    return [...this.processes.values()].flatMap((process) => {
      const samples = process.samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
      return samples.length === 0 ? [] : [{ ...process, samples }];
    });
  }

  /** Which processes were not seen by the latest sample, and why; sentences. */
  absent(): string[] {
    const elsewhere = [...this.elsewhere].map(
      ([host, agents]) =>
        `Memory and CPU of processes on another machine (${host}) are not measured: ${agents.join(", ")}.`,
    );
    if (this.unreadable.length === 0) return elsewhere;
    return [
      ...elsewhere,
      `Memory and CPU of these processes cannot be read from /proc here: ${this.unreadable.join(", ")}.`,
    ];
  }

  private keep({ agentId, service, pid }: Registration, sample: ProcessRecord["samples"][number]): void {
    const key = `${agentId} ${pid}`;
    const known = this.processes.get(key) ?? { name: agentId, service, pid, samples: [] };
    known.samples.push(sample);
    if (known.samples.length > MOST_SAMPLES) known.samples.shift();
    this.processes.set(key, known);
    const [oldest] = this.processes.keys();
    if (this.processes.size > MOST_PROCESSES && oldest !== undefined) this.processes.delete(oldest);
  }
}
