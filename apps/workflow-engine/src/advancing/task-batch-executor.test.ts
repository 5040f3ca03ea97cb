import type { DispatchedTask } from "@agent-hive/persistence";
import { TaskBatchExecutor, type Publication } from "./task-batch-executor.js";

const taskOf = (position: number) =>
  ({
    workflowId: "01a20922-1fa8-70c4-9ed9-4d9278452d8e",
    position,
    attempt: 1,
    agentType: "backend",
    handler: "h",
    requires: [],
    input: null,
    workflowInput: null,
    checkpoint: null,
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  }) as unknown as DispatchedTask;
const [over, still] = [taskOf(0), taskOf(1)];

/** A store in which the first of the two is over. */
async function publish(publication: Publication, nowMs: number) {
  const [published, looked, released]: [string[], number[], number[]] = [[], [], []];
  const manager = {
    hasOnlookers: false,
    publishAndAcknowledge: async (_: unknown, { tasks }: { tasks: { taskKey: string }[] }) => {
      published.push(...tasks.map(({ taskKey }) => taskKey.split(":")[1]!));
      return { status: "ok" as const, published: tasks.length, inFlight: {} };
    },
  };
  const store = {
    whileDispatched: async <T>(tasks: readonly unknown[], use: (dispatched: DispatchedTask[]) => Promise<T>) => {
      looked.push(tasks.length);
      return use([still]);
    },
  };
  const windows = {
    observe: () => undefined,
    release: (tasks: readonly unknown[]) => void released.push(tasks.length),
  };
  const member = { identity: { incarnation: "e.1", agentId: "e", service: "workflow-engine" } };
  await new TaskBatchExecutor(manager, member, windows, store, () => nowMs).publish(publication);
  return { published, looked, released };
}

test.each<[string, Publication, number]>([
  ["at once", { dispatched: [over, still], askedAtMs: 0 }, 799],
  ["by whoever knows that nothing has changed", { dispatched: [over, still] }, 10_000],
])("what is published %s is not looked up again", async (_, publication, nowMs) => {
  expect(await publish(publication, nowMs)).toEqual({ published: ["0", "1"], looked: [], released: [2] });
});

test("after a stall only what is dispatched still is published, and all places are given back", async () => {
  const outcome = await publish({ dispatched: [over, still], askedAtMs: 0 }, 800);
  expect(outcome).toEqual({ published: ["1"], looked: [2], released: [2] });
});

test("without anything to dispatch nothing is looked up, however late it is", async () => {
  expect(await publish({ askedAtMs: 0 }, 10_000)).toEqual({ published: [], looked: [], released: [0] });
});
