import type { MomentOrder } from "@agent-hive/contracts";
import { PRODUCT_TASKS, ancestorsOf } from "@agent-hive/product-spec";

/** A fault to come: which task's agent is struck, how and when. */
export interface PlannedFault extends Omit<MomentOrder, "id"> {
  act: "crash" | "freeze";
  taskId: string;
  agentType: string;
}

/**
 * Chooses what is struck: one task of each agent type, whose process is killed while it holds the started task, and one more
 * task, whose process is frozen when its handler has finished and its result is about to be sent. The frozen task comes
 * before the one at which a process of the same type is killed: with two processes a type, both would be gone at once
 * otherwise, and what is measured would be how fast a process starts.
 *
 * @param random numbers in [0, 1); the same ones give the same plan.
 */
export function planFaults(random: () => number): PlannedFault[] {
  const choose = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const [frozen, later] = choose(SUCCESSIVE);
  const frozenType = typeOf(frozen);
  const crashes = AGENT_TYPES.map((agentType): PlannedFault => {
    const tasks = PRODUCT_TASKS.filter((task) => task.agentType === agentType && !LONG_PAIR.includes(task.id)).map(
      ({ id }) => id,
    );
    const taskId = agentType === frozenType ? choose(later) : choose(tasks);
    return { act: "crash", taskId, agentType, moment: choose(["started", "finished"] as const) };
  });
  return [...crashes, { act: "freeze", taskId: frozen, agentType: frozenType, moment: "finished" }];
}

/**
 * They take a second each and run beside each other. With one slot a process both processes of the type are busy then, and
 * a kill would measure how long the other one takes.
 */
const LONG_PAIR = ["api_tests", "ui_tests"];

const AGENT_TYPES = [...new Set(PRODUCT_TASKS.map(({ agentType }) => agentType))];

/** Tasks, each with those tasks of the same agent type that cannot start before it is done. */
const SUCCESSIVE = PRODUCT_TASKS.map(
  ({ id, agentType }) =>
    [
      id,
      PRODUCT_TASKS.filter((task) => task.agentType === agentType && ancestorsOf(task.id).includes(id)).map(
        (task) => task.id,
      ),
    ] as const,
).filter(([, later]) => later.length > 0);

function typeOf(taskId: string): PlannedFault["agentType"] {
  return PRODUCT_TASKS.find(({ id }) => id === taskId)!.agentType;
}
