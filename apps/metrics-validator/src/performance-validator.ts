/**
 * Measures the hive from its primary records, independently of those who work in it: it takes no part, is registered
 * nowhere, and writes to neither store (but for the wish to be told events, if a run has it). Reading belongs to
 * `PrimaryRecords`, `RedisRecords` and `ProcessSampler`, rules to the package `measurement`.
 */
import { toError } from "@agent-hive/domain";
import {
  measure,
  type Act,
  type Measurement,
  type PublishedFigure,
  type RunRecords,
  type Target,
} from "@agent-hive/measurement";
import type { Logger } from "@agent-hive/telemetry";
import type { PrimaryRecords, Window } from "./records/primary-records.js";
import type { RedisRecords } from "./records/redis-records.js";
import { StoredMeasurement, type Run, type RunBook } from "./runs/run-book.js";
import { Turnstile } from "./runs/turnstile.js";
import type { ProcessSampler } from "./sampling/process-sampler.js";

/** Where records come from. */
export interface ValidatorSources {
  primary: Pick<PrimaryRecords, "nowMs" | "read">;
  redis: Pick<RedisRecords, "verdicts" | "groups" | "inFlight" | "events" | "entriesRead" | "askForEvents">;
  sampler: Pick<ProcessSampler, "within" | "absent">;
}

export interface ValidatorRules {
  targets: readonly Target[];
  clockToleranceMs: number;
  /** Tasks of one measurement. */
  mostTasks: number;
}

/** How a run is to be measured. */
export interface RunOptions {
  /** Default "run". */
  name?: string;
  /** Whether it brings sustained load: else targets that need it are not judged. Default false. */
  underLoad?: boolean;
  /** Whether the hive is asked to tell events meanwhile, which costs it some throughput. Default false. */
  events?: boolean;
}

/** Workflows that are read whatever the sample, because something was done to them: the first ones. */
const MOST_STRUCK = 1_000;

/** However many look at the latest seconds, these are not measured more often than so, in milliseconds. */
const LIVE_REUSED_MS = 1_000;

type RedisPart = Pick<RunRecords, "verdicts" | "groups" | "inFlight" | "events" | "absent">;

export class PerformanceValidator {
  private readonly turnstile = new Turnstile();
  /** Of the latest seconds, by how many of them. */
  private readonly latest = new Map<number, Promise<Measurement>>();

  constructor(
    private readonly sources: ValidatorSources,
    private readonly rules: ValidatorRules,
    private readonly runs: RunBook,
    private readonly logger: Logger,
  ) {}

  /** Measures the latest seconds, a second late at most. Targets that need sustained load are not judged by so little. */
  async live(seconds: number): Promise<Measurement> {
    const known = this.latest.get(seconds);
    if (known !== undefined) return known;
    const measurement = this.measureLatest(seconds);
    this.latest.set(seconds, measurement);
    const forget = (): void => void setTimeout(() => this.latest.delete(seconds), LIVE_REUSED_MS).unref();
    measurement.then(forget, forget);
    return measurement;
  }

  private async measureLatest(seconds: number): Promise<Measurement> {
    return this.turnstile.pass(async () => {
      const toMs = await this.sources.primary.nowMs();
      const window = { fromMs: toMs - 1000 * seconds, toMs };
      return this.measured(window, {
        acts: [],
        published: [],
        isAtRest: false,
        isUnderLoad: false,
        readBefore: new Map(),
      });
    });
  }

  /** Begins to measure. */
  async begin({ name = "run", underLoad = false, events = false }: RunOptions): Promise<Run> {
    const [fromMs, readBefore] = await Promise.all([this.sources.primary.nowMs(), this.entriesRead()]);
    const run = this.runs.add({ name, fromMs, isUnderLoad: underLoad, wantsEvents: events, readBefore });
    if (events) await this.askForEvents(true);
    this.logger.info("measuring begun", { runId: run.id, name });
    return run;
  }

  /** Takes down what was done to processes on purpose, and what others published of the run. */
  note(id: string, noted: { acts?: Act[]; figures?: PublishedFigure[] }): Run {
    return this.runs.note(id, noted);
  }

  /**
   * Ends a run with what it came to; ending it again gives the same.
   *
   * @param isAtRest whether all work is said to be over, so that what still runs counts as lost.
   */
  async end(id: string, isAtRest: boolean): Promise<StoredMeasurement> {
    const run = this.runs.get(id);
    if (run.result === undefined) {
      const result = this.turnstile.pass(async () =>
        StoredMeasurement.of(JSON.stringify(await this.ofRun(run, isAtRest))),
      );
      run.result = result;
      // A run that could not be measured goes on, to be ended again.
      result.catch(() => (run.result = undefined));
      await result;
      this.logger.info("measuring ended", { runId: id, name: run.name });
    }
    return run.result;
  }

  /** What a run came to, or has come to so far; as JSON text. */
  async measurement(id: string): Promise<string> {
    const run = this.runs.get(id);
    if (run.result !== undefined) return (await run.result).json();
    return this.turnstile.pass(async () => JSON.stringify(await this.ofRun(run, false)));
  }

  /** Renews the wish for events while a run has it. */
  async runOnce(): Promise<void> {
    if (this.runs.wantsEvents) await this.askForEvents(false);
  }

  private async ofRun(run: Run, isAtRest: boolean): Promise<Measurement> {
    const window = { fromMs: run.fromMs, toMs: await this.sources.primary.nowMs() };
    return this.measured(window, { ...run, isAtRest });
  }

  private async measured(
    window: Window,
    run: Pick<Run, "acts" | "published" | "isUnderLoad" | "readBefore"> & { isAtRest: boolean },
  ): Promise<Measurement> {
    const { sampler, primary } = this.sources;
    // Redis first: what it tells of has been recorded, so the snapshot that follows must show it.
    const fromRedis = await this.fromRedis(window, run.readBefore);
    const fromPostgres = await primary.read(window, struckIn(run.acts));
    const records: RunRecords = {
      window,
      ...fromRedis,
      ...fromPostgres,
      acts: run.acts,
      published: run.published,
      processes: sampler.within(window),
      clockToleranceMs: this.rules.clockToleranceMs,
      isAtRest: run.isAtRest,
      absent: [...fromPostgres.absent, ...fromRedis.absent, ...sampler.absent()],
    };
    return measure(records, this.rules.targets, { underLoad: run.isUnderLoad });
  }

  /** Without Redis all that is measured by PostgreSQL still is. */
  private async fromRedis(window: Window, readBefore: ReadonlyMap<string, number>): Promise<RedisPart> {
    const { redis } = this.sources;
    try {
      const [verdicts, groups, inFlight, events] = await Promise.all([
        redis.verdicts(),
        redis.groups(readBefore),
        redis.inFlight(this.rules.mostTasks),
        redis.events(window),
      ]);
      return { verdicts, groups, inFlight, events, absent: [] };
    } catch (thrown) {
      const { message } = toError(thrown);
      const absent = [
        `Groups, verdicts and what is in flight are not measured, for Redis could not be read: ${message}`,
      ];
      return { verdicts: [], groups: [], inFlight: null, events: [], absent };
    }
  }

  /** Where it is not known, deliveries are counted by PostgreSQL's records. */
  private async entriesRead(): Promise<Map<string, number>> {
    return this.sources.redis.entriesRead().catch(() => new Map<string, number>());
  }

  private async askForEvents(isNew: boolean): Promise<void> {
    await this.sources.redis
      .askForEvents(isNew)
      .catch((error: unknown) => this.logger.debug("events could not be asked for", { err: error }));
  }
}

function struckIn(acts: readonly Act[]): string[] {
  const ids = acts.flatMap(({ held }) => held.map(({ workflowId }) => workflowId));
  return [...new Set(ids)].slice(0, MOST_STRUCK);
}
