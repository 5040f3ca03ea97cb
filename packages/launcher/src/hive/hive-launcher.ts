/**
 * A whole hive on this machine: stores, engine, router, coordinator and agents as processes of their own, which stay up
 * until the launcher stops them, and never outlive it.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LauncherError } from "../launcher-error.js";
import { freePort, freePorts } from "../processes/free-ports.js";
import { ProcessSupervisor, type SupervisedSpec } from "../processes/process-supervisor.js";
import { Reaper } from "../processes/reaper.js";
import { EmbeddedStores } from "../stores/embedded-stores.js";
import { readHiveState, removeHiveState, writeHiveState, type HiveState } from "./hive-state.js";
import {
  ALLOCATOR_SETTINGS,
  VALIDATOR_SERVICE,
  defaultServices,
  nodeFlagsOf,
  scriptOf,
  stageOf,
  stopWithinMsOf,
  type AgentType,
  type CoreService,
  type Counts,
  type ServiceSpec,
} from "./service-spec.js";

const ENGINE = "workflow-engine";
const COORDINATOR = "group-coordinator";
const HEALTH_WITHIN_MS = 1_000;

export interface HiveLauncherOptions {
  /** Default: {@link defaultServices} with `agentsPerType` and `replicas`. */
  services?: ServiceSpec[];
  /** Processes of each agent type. Default 2. */
  agentsPerType?: Counts<AgentType>;
  /** Processes of engine, router and coordinator. Default 1. */
  replicas?: Counts<CoreService>;
  /** Stores that the caller owns. Default: embedded ones, started and stopped with the hive. */
  stores?: { databaseUrl: string; redisUrl: string };
  /** Settings for all services. */
  env?: NodeJS.ProcessEnv;
  /** Settings for one service, e.g. its own account at a store; over those for all. */
  envOf?: (service: ServiceSpec) => NodeJS.ProcessEnv;
  /** Keeps logs, data and `hive.json` here. Default: a temporary folder, removed by {@link HiveLauncher.stop}. */
  stateDir?: string;
  /** How long each service may take to become ready, in ms. Default 60 s. */
  readyWithinMs?: number;
  /** Stops the hive on SIGINT, SIGTERM and SIGHUP, then ends this process by that signal. Default true. */
  stopOnSignals?: boolean;
  /** Told what takes long. */
  onProgress?: (message: string) => void;
}

const READY_WITHIN_MS = 60_000;

export class HiveLauncher {
  /** Starts, stops, kills and lists single processes; tells what becomes of them. */
  readonly supervisor: ProcessSupervisor;
  /** Where `logs/` and `hive.json` are. */
  readonly stateDir: string;

  private readonly reaper: Reaper;
  private readonly startedAt = new Date().toISOString();
  private embedded: EmbeddedStores | undefined;
  private urls: { databaseUrl: string; redisUrl: string } | undefined;
  private engines: readonly string[] = [];
  private starting: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | undefined;
  private readonly signalHandlers = new Map<NodeJS.Signals, () => void>();

  /**
   * Starts a hive; resolves when all of its services are ready. If one fails, everything is stopped.
   *
   * @throws LauncherError ALREADY_RUNNING, NOT_BUILT, PROCESS_NOT_READY, POSTGRES_UNAVAILABLE or REDIS_UNAVAILABLE.
   */
  static async start(options: HiveLauncherOptions = {}): Promise<HiveLauncher> {
    const launcher = new HiveLauncher(options);
    try {
      await (launcher.starting = launcher.run());
    } catch (error) {
      await launcher.stop();
      throw error;
    }
    return launcher;
  }

  private constructor(private readonly options: HiveLauncherOptions) {
    const running = options.stateDir && readHiveState(options.stateDir);
    if (running) {
      throw new LauncherError(
        "ALREADY_RUNNING",
        `A hive runs from ${options.stateDir} already (process ${running.launcherPid}, ${running.engineUrls[0]}). Stop it first, or choose another folder.`,
      );
    }
    this.reaper = new Reaper();
    this.stateDir = options.stateDir ? resolve(options.stateDir) : mkdtempSync(join(tmpdir(), "agent-hive-state-"));
    mkdirSync(join(this.stateDir, "logs"), { recursive: true });
    if (!options.stateDir) this.reaper.watchFolder(this.stateDir);
    this.supervisor = new ProcessSupervisor(this.reaper);
    if (options.stopOnSignals ?? true) this.stopOnSignals();
  }

  /** The addresses of all engines, the same over all of their restarts. */
  get engineUrls(): readonly string[] {
    return this.engines;
  }

  /** The address of the first engine. */
  get engineUrl(): string {
    return this.engines[0]!;
  }

  /** The addresses of all coordinators; none in a hive without one. */
  get coordinatorUrls(): readonly string[] {
    const coordinators = this.supervisor.list().filter(({ service }) => service === COORDINATOR);
    return coordinators.map(({ port }) => urlOf(port));
  }

  /** The first coordinator's address; undefined in a hive without one. */
  get coordinatorUrl(): string | undefined {
    return this.coordinatorUrls[0];
  }

  /** The address of its metrics validator; undefined in a hive without one. */
  get validatorUrl(): string | undefined {
    const validator = this.supervisor.list().find(({ service }) => service === VALIDATOR_SERVICE.service);
    return validator && urlOf(validator.port);
  }

  get databaseUrl(): string {
    return this.started().databaseUrl;
  }

  get redisUrl(): string {
    return this.started().redisUrl;
  }

  /** The stores that this hive started; undefined when the caller's or the settings' are used. */
  get stores(): EmbeddedStores | undefined {
    return this.embedded;
  }

  /** Takes another process on, e.g. one more agent; resolves when it is ready. */
  async add(service: ServiceSpec): Promise<void> {
    await this.supervisor.add(this.supervised(service, await freePort()));
    this.writeState();
  }

  /** Stops everything: agents, routers, coordinators, engines, stores. May be called twice, and while starting. */
  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll());
  }

  private async run(): Promise<void> {
    const { agentsPerType, replicas, onProgress } = this.options;
    const services = this.options.services ?? defaultServices(agentsPerType, replicas);
    services.forEach(scriptOf); // so that what was not built is told before anything is started
    onProgress?.("Starting PostgreSQL and Redis.");
    await this.provideStores();

    const ports = await freePorts(services.length);
    this.engines = services.flatMap(({ service }, index) => (service === ENGINE ? [urlOf(ports[index]!)] : []));
    const specs = services.map((service, index) => this.supervised(service, ports[index]!));
    this.supervisor.on("state", () => this.writeState());

    // The engine makes the tables and the groups that all others need; these start at once when it is ready.
    onProgress?.(`Starting ${specs.length} services.`);
    const [first, rest] = [specs.filter(({ stage }) => stage === 0), specs.filter(({ stage }) => stage > 0)];
    let ready = 0;
    for (const batch of [first, rest]) {
      this.refuseWhenStopping();
      await Promise.all(
        batch.map(async (spec) => {
          await this.supervisor.add(spec);
          onProgress?.(`${++ready} of ${specs.length} services are ready.`);
        }),
      );
    }
  }

  private async provideStores(): Promise<void> {
    const { stores, stateDir, onProgress } = this.options;
    if (!stores) {
      const folder = stateDir && join(this.stateDir, "data");
      this.embedded = await EmbeddedStores.start({
        folder,
        logFolder: join(this.stateDir, "logs"),
        reaper: this.reaper,
        onProgress,
      });
    }
    const { databaseUrl, redisUrl } = stores ?? this.embedded!;
    this.urls = { databaseUrl, redisUrl };
    this.refuseWhenStopping();
  }

  private supervised(service: ServiceSpec, port: number): SupervisedSpec {
    const env: NodeJS.ProcessEnv = {
      ...ALLOCATOR_SETTINGS,
      ...process.env,
      ...this.settings(port),
      ...this.options.env,
      ...this.options.envOf?.(service),
      ...service.env,
    };
    return {
      name: service.name,
      service: service.service,
      port,
      stage: stageOf(service.service),
      command: process.execPath,
      args: [...nodeFlagsOf(service, env), scriptOf(service)],
      env,
      logFile: join(this.stateDir, "logs", `${service.name}.log`),
      isReady: () => isHealthy(port),
      readyWithinMs: this.options.readyWithinMs ?? READY_WITHIN_MS,
      restart: service.restart ?? true,
      stopWithinMs: stopWithinMsOf(env),
    };
  }

  private settings(port: number): NodeJS.ProcessEnv {
    return {
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.redisUrl,
      HIVE_ENGINE_URL: this.engines.join(","),
      HIVE_HTTP_HOST: "127.0.0.1",
      HIVE_HTTP_PORT: String(port),
    };
  }

  private started(): { databaseUrl: string; redisUrl: string } {
    if (!this.urls) throw new Error("The hive's stores have not been started yet.");
    return this.urls;
  }

  private writeState(): void {
    if (this.stopping) return;
    const { engineUrls, coordinatorUrls, databaseUrl, redisUrl, startedAt } = this;
    const processes = this.supervisor.list();
    const state: HiveState = {
      version: 1,
      launcherPid: process.pid,
      startedAt,
      engineUrls,
      coordinatorUrls,
      databaseUrl,
      redisUrl,
      processes,
    };
    writeHiveState(this.stateDir, state);
  }

  private refuseWhenStopping(): void {
    if (this.stopping) throw new Error("The hive was stopped while it was starting.");
  }

  private async stopAll(): Promise<void> {
    const steps = [
      () => this.supervisor.stopAll(),
      () => this.starting.catch(() => {}), // its failure is told to who started
      () => this.embedded?.stop(),
      () => this.reaper.close(),
    ];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    for (const [signal, handler] of this.signalHandlers) process.removeListener(signal, handler);
    removeHiveState(this.stateDir);
    if (!this.options.stateDir) rmSync(this.stateDir, { recursive: true, force: true });
    if (failures.length > 0) throw new AggregateError(failures, "The hive did not stop in good order.");
  }

  /** The first signal stops the hive in good order; the second ends this process, and the reaper all others. */
  private stopOnSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const handler = () => {
        const endBySignal = () => process.kill(process.pid, signal); // no handler is left: the default action follows
        void this.stop().then(endBySignal, endBySignal);
      };
      this.signalHandlers.set(signal, handler);
      process.once(signal, handler);
    }
  }
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

async function isHealthy(port: number): Promise<boolean> {
  const response = await fetch(`${urlOf(port)}/health/ready`, {
    signal: AbortSignal.timeout(HEALTH_WITHIN_MS),
    headers: { connection: "close" },
  });
  await response.body?.cancel();
  return response.ok;
}
