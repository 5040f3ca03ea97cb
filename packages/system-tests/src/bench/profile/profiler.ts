/** Finds where the time goes: CPU profiles of the services, statistics of the stores, and a summary of both. */
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BenchStores } from "../bench-stores.js";
import type { HivePipeline } from "../hive/hive-pipeline.js";
import type { Processes } from "../process-usage.js";
import { profileTimes, type CpuProfile, type TimeOf } from "./cpu-profile.js";
import { keepStatistics, perTask, resetStatistics, storeReport } from "./store-profile.js";

const FUNCTIONS_SHOWN = 30;
const PACKAGES_SHOWN = 12;
const PROFILE = /^CPU\.\d+\.\d+\.(?<pid>\d+)\.(?<thread>\d+)\.\d+\.cpuprofile$/;

export class Profiler {
  private readonly folder: string;

  constructor(
    folder: string,
    private readonly stores: BenchStores,
  ) {
    this.folder = resolve(folder);
  }

  prepare(): Promise<void> {
    return keepStatistics(this.stores);
  }

  /** The profile of one run, in a folder of that name. */
  of(name: string): RunProfile {
    return new RunProfile(join(this.folder, name), this.stores);
  }
}

/** Begins before the measurement and ends after it, so that start-up and warm-up are left out of the summary. */
class RunProfile {
  private from = 0;
  private to = 0;
  private processes: Processes = {};
  private reportStores: ((tasks: number) => string[]) | undefined;

  constructor(
    private readonly folder: string,
    private readonly stores: BenchStores,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** For the services: Node writes a profile as it ends. */
  get env(): NodeJS.ProcessEnv {
    return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${JSON.stringify(this.folder)}` };
  }

  async begin(hive: HivePipeline): Promise<void> {
    this.processes = hive.processes();
    await resetStatistics(this.stores, hive.database);
    this.from = monotonicMicroseconds();
  }

  async end(hive: HivePipeline): Promise<void> {
    this.to = monotonicMicroseconds();
    this.reportStores = await storeReport(this.stores, hive.database);
  }

  /** Once the services have ended: names the profiles after them, and writes `summary.txt`. */
  summarise(tasks = 1): void {
    const lines = [...this.services(tasks), ...this.reportStores!(tasks)];
    writeFileSync(join(this.folder, "summary.txt"), `${lines.join("\n")}\n`);
  }

  private services(tasks: number): string[] {
    const names = new Map(Object.entries(this.processes).map(([name, pid]) => [String(pid), name]));
    return readdirSync(this.folder).flatMap((file) => {
      const { pid, thread } = PROFILE.exec(file)?.groups ?? {};
      const service = pid === undefined ? undefined : names.get(pid);
      if (service === undefined) return [];
      const name = thread === "0" ? service : `${service}-thread-${thread}`;
      renameSync(join(this.folder, file), join(this.folder, `${name}.cpuprofile`));
      const profile = JSON.parse(readFileSync(join(this.folder, `${name}.cpuprofile`), "utf8")) as CpuProfile;
      const { self, inclusive, byPackage } = profileTimes(profile, this.from, this.to);
      const total = self.reduce((sum, { microseconds }) => sum + microseconds, 0);
      const lines = (times: TimeOf[], count: number) =>
        times.slice(0, count).map((time) => `${perTask(time.microseconds, tasks)}  ${time.name}`);
      return [
        `== ${name}: ${perTask(total, tasks).trim()} µs per task`,
        "by package:",
        ...lines(byPackage, PACKAGES_SHOWN),
        "functions themselves:",
        ...lines(self, FUNCTIONS_SHOWN),
        "functions of ours, with what they call:",
        ...lines(inclusive, FUNCTIONS_SHOWN),
      ];
    });
  }
}

/** The clock of V8's profiles. */
function monotonicMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
