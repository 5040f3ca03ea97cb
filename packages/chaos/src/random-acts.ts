/** When and whom to hit next, reproducible from a seed. */

/** What can be done to an agent. */
export type Act = "crash" | "freeze" | "recover";

/** An agent and the consumer group that it belongs to. */
export interface AgentRef {
  agentId: string;
  group: string;
}

/** The next act of a plan: after so long, do this; the target is a number in [0, 1) into whoever is there then. */
export interface PlannedAct {
  afterMs: number;
  act: "crash" | "freeze";
  target: number;
}

const MS_PER_MINUTE = 60_000;

/**
 * Acts at random times, without end: as many per minute as the rate says on average, independent of each other
 * (exponential gaps). The same seed gives the same plan.
 */
export function* planRandomActs(
  seed: number,
  ratePerMinute: number,
  acts: readonly PlannedAct["act"][],
): Generator<PlannedAct, never> {
  if (!(ratePerMinute > 0)) throw new RangeError(`ratePerMinute must be more than 0, not ${ratePerMinute}.`);
  if (acts.length === 0) throw new RangeError("There must be at least one act to choose from.");
  const random = seededRandom(seed);
  for (;;) {
    const afterMs = (-Math.log(1 - random()) * MS_PER_MINUTE) / ratePerMinute;
    const act = acts[Math.floor(random() * acts.length)]!;
    yield { afterMs, act, target: random() };
  }
}

/** Mulberry32 (public domain, Tommy Ettinger): small, and the same numbers in [0, 1) on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
