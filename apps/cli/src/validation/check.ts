/** What a check is, and how the things that it needs are handed to it. */
import type { AgentCrashSimulator } from "@agent-hive/chaos";
import type { EventRecorder, HiveClient } from "@agent-hive/client";
import type { HiveLauncher } from "@agent-hive/launcher";
import type { Measuring } from "./measured-run.js";
import type { StoreProbes } from "./store-probes.js";
import type { CheckResult, Figure } from "./validation-results.js";

/** The running hive that is checked. Nobody else should use it meanwhile: it is loaded, and its agents are killed. */
export interface ValidationContext {
  hive: HiveLauncher;
  /** Knows the coordinator, too. */
  client: HiveClient;
  /** Over the agents of this hive, with moments that take orders. */
  chaos: AgentCrashSimulator;
  /** Follows the hive's events. */
  recorder: EventRecorder;
  /** What all keys of this hive in Redis start with. Default "". */
  keyPrefix?: string;
}

/** What checks work with: the hive, its stores, and what others measure meanwhile. */
export interface Bench extends ValidationContext {
  stores: StoreProbes;
  /** Undefined in a hive without a metrics validator. */
  measured: Measuring | undefined;
  /** Whether the run is a short one. */
  quick: boolean;
  signal: AbortSignal;
  /** Shows what is going on, one line. */
  tell: (line: string) => void;
}

/** What came of looking; `failed` says what to do about it. */
export type Finding =
  | { state: "held"; found: string; figures: Figure[] }
  | { state: "failed"; found: string; remedy: string; figures: Figure[] }
  | { state: "skipped"; reason: string };

/** One thing to look at. */
export interface Check extends Pick<CheckResult, "id" | "title" | "severity" | "wanted"> {
  /** Rejects if what is to be looked at does not answer, which is a failure of the check. */
  run(bench: Bench): Promise<Finding>;
}

/** A check that can be made where no hive runs, only its stores: it may tell why none does. */
export interface HivelessCheck extends Check {
  run(bench: Pick<Bench, "stores">): Promise<Finding>;
}

export const held = (found: string, figures: Figure[] = []): Finding => ({ state: "held", found, figures });

export const failed = (found: string, remedy: string, figures: Figure[] = []): Finding => ({
  state: "failed",
  found,
  remedy,
  figures,
});

export const skipped = (reason: string): Finding => ({ state: "skipped", reason });

/** Held if it is so, else failed with the remedy. */
export function judged(isSo: boolean, found: string, remedy: string, figures: Figure[] = []): Finding {
  return isSo ? held(found, figures) : failed(found, remedy, figures);
}
