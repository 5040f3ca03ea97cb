import type { MomentOrder } from "@agent-hive/contracts";
import { PRODUCT_TASKS } from "@agent-hive/product-spec";

/** A fault to come: which task's agent is struck, how and when. */
export interface PlannedFault extends Omit<MomentOrder, "id"> {
  act: "crash" | "freeze";
  taskId: string;
  agentType: string;
}

/**
 * Chooses what is struck: one task of each agent type, whose process is killed while it holds the started task, and one more
 * task, whose process is frozen when its handler has finished and its result is about to be sent.
 *
 * @param random numbers in [0, 1); the same ones give the same plan.
 */
export function planFaults(random: () => number): PlannedFault[] {
  const choose = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const agentTypes = [...new Set(PRODUCT_TASKS.map(({ agentType }) => agentType))];
  const crashes = agentTypes.map((agentType): PlannedFault => {
    const { id } = choose(PRODUCT_TASKS.filter((task) => task.agentType === agentType));
    return { act: "crash", taskId: id, agentType, moment: choose(["started", "finished"] as const) };
  });
  const spared = PRODUCT_TASKS.filter(({ id }) => !crashes.some(({ taskId }) => taskId === id));
  const { id, agentType } = choose(spared);
  return [...crashes, { act: "freeze", taskId: id, agentType, moment: "finished" }];
}

/** Mulberry32 (public domain, Tommy Ettinger): small, and the same numbers on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
