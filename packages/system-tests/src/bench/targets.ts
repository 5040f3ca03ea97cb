/** What the figures are held against. "floor" must be reached; "aim" is where the product wants to be. */
export interface Target {
  /** `scenario.figure`. */
  figure: string;
  /** The figure itself, or its ratio to the bare pipeline's. */
  of: "hive" | "ratio";
  level: "floor" | "aim";
  atLeast?: number;
  atMost?: number;
}

export const TARGETS: readonly Target[] = [
  { figure: "burst.messagesPerSecond", of: "hive", level: "floor", atLeast: 10_000 },
  { figure: "burst.messagesPerSecond", of: "hive", level: "aim", atLeast: 45_000 },
  { figure: "burst.messagesPerSecond", of: "ratio", level: "floor", atLeast: 0.65 },
  { figure: "burst.messagesPerSecond", of: "ratio", level: "aim", atLeast: 0.8 },
  { figure: "one.p50Ms", of: "ratio", level: "floor", atMost: 1.25 },
  { figure: "one.p50Ms", of: "hive", level: "aim", atMost: 9 },
  { figure: "fan-out.p50Ms", of: "hive", level: "aim", atMost: 100 },
  { figure: "recovery.p99Ms", of: "hive", level: "floor", atMost: 30_000 },
  { figure: "recovery.p50Ms", of: "hive", level: "aim", atMost: 100 },
  { figure: "recovery.p99Ms", of: "hive", level: "aim", atMost: 500 },
];

/** Megabytes of resident memory at the peak of a burst. */
export const MEMORY_TARGETS = { engine: 180, others: 150, aim: 120 } as const;

export function isMet({ atLeast, atMost }: Pick<Target, "atLeast" | "atMost">, value: number): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}
