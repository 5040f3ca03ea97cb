/** Random definitions for property tests. Only tests import this. */
import fc from "fast-check";
import type { GraphTask } from "../graph/graph-task.js";

export const AGENT_TYPES = ["architects", "backend", "frontend", "qa"] as const;

/** An acyclic definition whose submitted order is unrelated to its dependencies; up to 30 tasks unless told. */
export function randomDag(maxTasks = 30): fc.Arbitrary<{ tasks: GraphTask[] }> {
  const task = fc.record({
    agentType: fc.constantFrom(...AGENT_TYPES),
    picks: fc.array(fc.nat(), { maxLength: 4 }),
    durationMs: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
  });
  return fc.array(task, { minLength: 1, maxLength: maxTasks }).chain((drawn) => {
    // A hidden order: each task may depend on those before it there, wherever it was submitted.
    const order = fc.shuffledSubarray([...drawn.keys()], { minLength: drawn.length });
    return order.map((hidden) => {
      const rank = new Map(hidden.map((position, index) => [position, index]));
      const tasks = drawn.map(({ agentType, picks, durationMs }, position) => {
        const earlier = hidden.slice(0, rank.get(position));
        const chosen = earlier.length === 0 ? [] : picks.map((pick) => earlier[pick % earlier.length]!);
        return {
          id: `t${position}`,
          agentType,
          durationMs,
          dependsOn: [...new Set(chosen)].map((other) => `t${other}`),
        };
      });
      return { tasks };
    });
  });
}
