/** What a campaign can do to a hive. */
export const FAULT_KINDS = [
  "agent-kill",
  "agent-freeze",
  "service-kill",
  "service-freeze",
  "redis-restart",
  "redis-client-kill",
  "redis-flush",
  "redis-pause",
  "postgres-restart",
  "postgres-terminate",
  "rolling-restart",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A moment on the two clocks that matter: the records of the hive are in wall time, durations are not. */
export interface Moment {
  /** Milliseconds since 1970, with fractions. */
  wallMs: number;
  /** CLOCK_MONOTONIC, the same for all processes of the machine. */
  monotonicMs: number;
}

export function momentNow(): Moment {
  const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
  return { wallMs: performance.timeOrigin + performance.now(), monotonicMs };
}

/** A task's entry that was pending for a consumer. */
export interface HeldTask {
  taskKey: string;
  attempt: number;
}

/** One fault as it was done. */
export interface Fault {
  /** Counted from 1 within its round. */
  number: number;
  kind: FaultKind;
  /** The process or server that was struck. */
  target: string;
  at: Moment;
  /** Which life of the process; undefined for stores. */
  incarnation?: string;
  group?: string;
  /** What the process held when it was struck. */
  held: HeldTask[];
  /** Slots of living members of the group that were free at that moment, and how many such members there were. */
  freeSlots?: number;
  others?: number;
  /** When it was over: thawed, or accepting connections again. */
  endedAt?: Moment;
}
