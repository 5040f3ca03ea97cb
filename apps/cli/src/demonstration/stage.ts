import type { WriteStream } from "node:fs";
import type { EventRecorder, HiveClient } from "@agent-hive/client";
import type { AgentCrashSimulator, RedisMomentOrders } from "@agent-hive/chaos";
import type { AttemptView, GroupView, HiveEvent, TaskView, WorkflowView } from "@agent-hive/contracts";
import type { HiveLauncher } from "@agent-hive/launcher";
import type { PlannedFault } from "./plan-faults.js";
import type { Fault, Recovery } from "./recoveries.js";

/** What the phases of the demonstration build up and hand on; each is there once the phase that makes it is over. */
export interface Stage {
  readonly specification: string;
  readonly plan: PlannedFault[];
  readonly outputDir: string;
  /** Told of everything that happens in the hive. */
  readonly onEvent?: (event: HiveEvent) => void;
  /** Everything that the processes log, as it comes. */
  log: WriteStream;
  /** Settles when the hive has been started, so that it can be stopped even if nobody waits for it any more. */
  starting: Promise<HiveLauncher>;
  hive: HiveLauncher;
  client: HiveClient;
  recorder: EventRecorder;
  orders: RedisMomentOrders;
  chaos: AgentCrashSimulator;
  groups: GroupView[];
  workflow: WorkflowView;
  tasks: TaskView[];
  attempts: AttemptView[];
  /** Resolves with the faults, in the order of the plan. */
  striking: Promise<Fault[]>;
  /** Resolves when what was frozen has been thawed and its late result refused. */
  thawing: Promise<unknown>;
  faults: Fault[];
  recoveries: Recovery[];
  refusedResults: number;
  applicationProblems: string[];
  /** Milliseconds from submission to the last recorded result. */
  makespanMs: number;
  memory: { name: string; rssBytes: number }[];
}

/** One of the eight phases. */
export interface Phase {
  title: string;
  /** Whether all that it tells stays on the screen, not just its last word. */
  keepsLines?: boolean;
  /** @param tell shows what is going on, one line. */
  run: (stage: Stage, tell: (line: string) => void) => Promise<void>;
}
