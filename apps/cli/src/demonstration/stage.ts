import type { WriteStream } from "node:fs";
import type { EventRecorder, HiveClient, ValidatorClient } from "@agent-hive/client";
import type { AgentCrashSimulator, RedisMomentOrders } from "@agent-hive/chaos";
import type { GroupView, HiveEvent, TaskView, WorkflowView } from "@agent-hive/contracts";
import type { RunRecording } from "../screen/recording.js";
import type { DemonstratedHive } from "./hives/demonstrated-hive.js";
import type { PlannedFault } from "./plan-faults.js";
import type { Act, Measurement } from "@agent-hive/measurement";

/** What the phases of the demonstration build up and hand on; each is there once the phase that makes it is over. */
export interface Stage {
  readonly specification: string;
  readonly plan: PlannedFault[];
  readonly outputDir: string;
  /** In containers of docker compose, not as processes of this machine. */
  readonly compose: boolean;
  /** Takes down the run to be watched again, and shows it to whoever watches now. */
  readonly recording: RunRecording;
  /** Ends what only goes on for onlookers. */
  readonly watching: AbortController;
  /** Told of everything that happens in the hive. */
  readonly onEvent?: (event: HiveEvent) => void;
  /** Everything that the processes log, as it comes. */
  log: WriteStream;
  /** Settles when the hive has been started, so that it can be stopped even if nobody waits for it any more. */
  starting: Promise<DemonstratedHive>;
  hive: DemonstratedHive;
  client: HiveClient;
  /** Measures the run, and takes no part in it. */
  validator: ValidatorClient;
  /** By which the validator knows this run. */
  runId: string;
  recorder: EventRecorder;
  orders: RedisMomentOrders;
  chaos: AgentCrashSimulator;
  groups: GroupView[];
  workflow: WorkflowView;
  tasks: TaskView[];
  /** Resolves with what was done to processes, in the order of the plan. */
  striking: Promise<Act[]>;
  /** Resolves when what was frozen has been thawed and its late result refused. */
  thawing: Promise<unknown>;
  acts: Act[];
  /** What the run has come to, as the validator found it last. */
  measurement: Measurement;
  refusedResults: number;
  applicationProblems: string[];
}

/** One of the eight phases. */
export interface Phase {
  title: string;
  /** Whether all that it tells stays on the screen, not just its last word. */
  keepsLines?: boolean;
  /** @param tell shows what is going on, one line. */
  run: (stage: Stage, tell: (line: string) => void) => Promise<void>;
}
