/** A bare pipeline from elsewhere: two programs that print one line of JSON each. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchStores } from "./bench-stores.js";
import type { Measurement } from "./scenarios/scenario.js";
import { MESSAGES_PER_TASK } from "./scenarios/burst.js";

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, "..", "..", "..", "..");
const DATABASE = "bench_external";

interface Burst {
  wf_s: number;
  tasks_s: number;
  p50: number;
  p99: number;
}

export class ExternalPipeline {
  private readonly folder: string;

  /** Copies the programs to where they find this repository's packages. */
  constructor(
    source: string,
    private readonly stores: BenchStores,
  ) {
    const caches = join(REPOSITORY, "node_modules", ".cache");
    mkdirSync(caches, { recursive: true });
    this.folder = mkdtempSync(join(caches, "bare-pipeline-"));
    cpSync(source, this.folder, { recursive: true });
  }

  async burst(workflows: number, agents: number): Promise<Measurement> {
    const { wf_s, tasks_s, p50, p99 } = await this.run<Burst>("run.mjs", workflows, agents);
    const figures = { messagesPerSecond: tasks_s * MESSAGES_PER_TASK, tasksPerSecond: tasks_s };
    return { figures: { ...figures, workflowsPerSecond: wf_s, p50Ms: p50 * 1000, p99Ms: p99 * 1000 } };
  }

  async one(singles: number): Promise<Measurement> {
    const { p50, p99 } = await this.run<{ p50: number; p99: number }>("lat.mjs", singles);
    return { figures: { p50Ms: p50, p99Ms: p99 } };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run<T>(program: string, ...args: number[]): Promise<T> {
    const PGURL = await this.stores.renew(DATABASE);
    const env = { ...process.env, PGURL, RPORT: new URL(this.stores.redisUrl).port };
    const { stdout } = await this.stores.withoutPassword(() =>
      run(process.execPath, [program, ...args.map(String)], { cwd: this.folder, env }),
    );
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as T;
  }
}
