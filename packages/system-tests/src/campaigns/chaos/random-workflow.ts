import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { AGENT_SERVICES } from "@agent-hive/launcher";

type TaskInput = NonNullable<WorkflowDefinitionInput["tasks"]>[number];

const AGENT_TYPES = Object.keys(AGENT_SERVICES);
const SMALLEST = 3;
const LARGEST = 24;
/** How far back a task's dependencies lie at most: keeps graphs long and some tasks wide of each other. */
const REACH = 6;
const MOST_DEPENDENCIES = 3;
/** An effect takes this long before it and after it. */
const HALF_DURATION_MS = 100;
const MOST_HASHED_BYTES = 2 ** 22;
/** Generous: what a campaign is about are attempts that end otherwise. */
const RETRY = { maxAttempts: 10, initialDelayMs: 20, maxDelayMs: 500 };
const TIMEOUT_MS = 60_000;

/**
 * A workflow of 3 to 24 tasks of all agent types, of which each depends on up to three of the six before it. Tasks take up
 * to 200 ms with an effect in their middle, or hash, and every seventh or so fails at first; all of them succeed in the end.
 *
 * @param random numbers in [0, 1); the same ones give the same workflow.
 */
export function randomWorkflow(name: string, random: () => number): WorkflowDefinitionInput {
  const below = (limit: number): number => Math.floor(random() * limit);
  const count = SMALLEST + below(LARGEST - SMALLEST + 1);
  const tasks = Array.from({ length: count }, (_, position): TaskInput => {
    const nearest = Math.max(0, position - REACH);
    const picks = Array.from({ length: Math.min(position, below(MOST_DEPENDENCIES + 1)) }, () =>
      taskIdOf(nearest + below(position - nearest)),
    );
    return {
      id: taskIdOf(position),
      agentType: AGENT_TYPES[below(AGENT_TYPES.length)]!,
      dependsOn: [...new Set(picks)],
      retry: RETRY,
      timeoutMs: TIMEOUT_MS,
      ...randomWork(below),
    };
  });
  return { name, tasks };
}

const taskIdOf = (position: number): string => `t${position}`;

function randomWork(below: (limit: number) => number): Pick<TaskInput, "handler" | "input"> {
  const kind = below(20);
  if (kind < 3) return { handler: "hash", input: { bytes: below(MOST_HASHED_BYTES) } };
  const ms = below(HALF_DURATION_MS + 1);
  return { handler: "effect", input: kind < 6 ? { ms, untilAttempt: 2 } : { ms } };
}
