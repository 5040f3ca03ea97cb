/** Runs scenarios round by round, on the hive and on the bare pipeline in turn, each time on empty stores. */
import { BarePipeline } from "./bare/bare-pipeline.js";
import { BenchStores } from "./bench-stores.js";
import { ExternalPipeline } from "./external-pipeline.js";
import { HivePipeline } from "./hive/hive-pipeline.js";
import type { BenchOptions } from "./options.js";
import type { Pipeline } from "./pipeline.js";
import { cpuMicroseconds, memoryOf, type Memory, type Processes } from "./process-usage.js";
import { Profiler } from "./profile/profiler.js";
import type { ComparedScenario, Measurement, Scenario } from "./scenarios/scenario.js";

/** One scenario on one system, once. */
export interface Run extends Measurement {
  scenario: string;
  round: number;
  system: "hive" | "bare";
  /** By process, while it was measured; only where tasks are counted. */
  cpuMicrosecondsPerTask?: Record<string, number>;
  /** By process of the system and Redis, in megabytes, at its end. */
  memory?: Record<string, Memory>;
}

export class Bench {
  readonly runs: Run[] = [];
  private current: Pipeline | undefined;
  private stopping: Promise<void> | undefined;
  private readonly external: ExternalPipeline | undefined;
  private readonly profiler: Profiler | undefined;

  constructor(
    private readonly options: BenchOptions,
    private readonly stores: BenchStores,
    private readonly tell: (line: string) => void,
  ) {
    this.external = options.roofline === undefined ? undefined : new ExternalPipeline(options.roofline, stores);
    this.profiler = options.profile === undefined ? undefined : new Profiler(options.profile, stores);
  }

  async run(scenarios: readonly Scenario[]): Promise<void> {
    await this.profiler?.prepare();
    for (const scenario of scenarios) {
      for (let round = 1; round <= this.options.rounds; round++) {
        const systems = ["bare", "hive"] as const;
        for (const system of round % 2 === 1 ? systems : systems.toReversed()) {
          if (this.stopping) return;
          if (system === "hive" || scenario.compared) await this.measure(scenario, round, system);
        }
      }
    }
  }

  /** Ends whatever runs. May be called twice. */
  stop(): Promise<void> {
    return (this.stopping ??= (async () => {
      await this.current?.stop();
      this.external?.remove();
      await this.stores.stop();
    })());
  }

  private async measure(scenario: Scenario, round: number, system: Run["system"]): Promise<void> {
    const measured =
      system === "hive"
        ? await this.onHive(scenario, round)
        : ((await this.onExternal(scenario)) ?? (await this.onBare(scenario as ComparedScenario)));
    this.runs.push({ scenario: scenario.name, round, system, ...measured });
    const [name, value] = Object.entries(measured.figures)[0]!;
    this.tell(`${scenario.name}, round ${round}, ${system}: ${name} ${value.toFixed(1)}`);
  }

  private async onExternal({ name }: Scenario): Promise<Measurement | undefined> {
    const { workflows, agents, singles } = this.options;
    if (name === "burst") return this.external?.burst(workflows, agents);
    if (name === "one") return this.external?.one(singles);
    return undefined;
  }

  private async onBare(scenario: ComparedScenario): Promise<Measurement> {
    const database = await this.stores.renew("bench_bare");
    const bare = (this.current = await BarePipeline.start(database, this.stores.redisUrl, this.options.agents));
    await scenario.warmUp(bare, this.options);
    return this.finish(bare, () => scenario.measure(bare, this.options, this.stores));
  }

  private async onHive(scenario: Scenario, round: number): Promise<Measurement> {
    const { layout, agents, slots } = this.options;
    const profile = this.profiler?.of(`${scenario.name}-${round}`);
    const hive = (this.current = await HivePipeline.start({
      databaseUrl: await this.stores.renew("bench_hive"),
      redisUrl: this.stores.redisUrl,
      layout: scenario.compared ? layout : "per-type",
      agents: scenario.compared ? agents : Math.max(agents, scenario.leastAgents),
      slots,
      env: profile?.env,
    }));
    await scenario.warmUp(hive, this.options);
    await profile?.begin(hive);
    const measured = await this.finish(
      hive,
      () => scenario.measure(hive, this.options, this.stores),
      () => profile?.end(hive),
    );
    profile?.summarise(measured.tasks);
    return measured;
  }

  /** Measures what it costs, too, and stops the pipeline. */
  private async finish(
    pipeline: Pipeline,
    measure: () => Promise<Measurement>,
    afterwards?: () => Promise<void> | undefined,
  ): Promise<Measurement & Pick<Run, "cpuMicrosecondsPerTask" | "memory">> {
    const processes = { ...pipeline.processes(), ...this.stores.processes() };
    const before = this.cpu(processes);
    const measured = await measure();
    const after = this.cpu(processes);
    await afterwards?.();
    const { postgresql: _shared, ...memory } = memoryOf(processes);
    await pipeline.stop();
    this.current = undefined;
    const { tasks } = measured;
    if (tasks === undefined) return { ...measured, memory };
    const perTask = Object.entries(after).map(([name, us]) => [name, (us - (before[name] ?? 0)) / tasks] as const);
    return { ...measured, memory, cpuMicrosecondsPerTask: Object.fromEntries(perTask) };
  }

  private cpu(processes: Processes): Record<string, number> {
    const { user, system } = process.cpuUsage();
    return { ...cpuMicroseconds(processes), driver: user + system };
  }
}
