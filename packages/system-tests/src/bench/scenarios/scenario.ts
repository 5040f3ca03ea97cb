import type { BenchStores } from "../bench-stores.js";
import type { BenchOptions } from "../options.js";
import type { HivePipeline } from "../hive/hive-pipeline.js";
import type { Pipeline } from "../pipeline.js";

/** What one run of a scenario measured. */
export interface Measurement {
  figures: Record<string, number>;
  /** Tasks that were recorded, to tell CPU time by task. */
  tasks?: number;
}

/** Runs on the hive and on the bare pipeline, in turn. */
export interface ComparedScenario {
  name: string;
  compared: true;
  /** Work that is not measured: connections, prepared statements, compiled code. */
  warmUp(pipeline: Pipeline, options: BenchOptions): Promise<void>;
  measure(pipeline: Pipeline, options: BenchOptions, stores: BenchStores): Promise<Measurement>;
}

/** Asks what only the hive can answer. */
export interface HiveScenario {
  name: string;
  compared: false;
  /** The least number of processes of each agent type that it needs. */
  leastAgents: number;
  warmUp(hive: HivePipeline, options: BenchOptions): Promise<void>;
  measure(hive: HivePipeline, options: BenchOptions, stores: BenchStores): Promise<Measurement>;
}

export type Scenario = ComparedScenario | HiveScenario;
