import type { HiveEvent } from "@agent-hive/contracts";
import type { TaskMoment } from "./ports.js";
import { EventTaskMoments } from "./task-moments.js";

function setup() {
  const moments = new EventTaskMoments();
  const seen: TaskMoment[] = [];
  const unsubscribe = moments.subscribe((moment) => seen.push(moment));
  const observe = (event: Partial<HiveEvent> & Pick<HiveEvent, "type">) =>
    moments.observe({
      at: "2026-11-23T10:00:00.000Z",
      workflowId: "w1",
      taskId: "api_tests",
      attempt: 1,
      agentType: "qa",
      agentId: "qa-1",
      group: "qa_engineers_consumers",
      incarnation: "i1",
      ...event,
    });
  return { observe, seen, unsubscribe };
}

test("a task is started, half-way once, and has its result sent", () => {
  const { observe, seen } = setup();

  observe({ type: "task.started" });
  for (const fraction of [0.25, 0.5, 0.75]) observe({ type: "task.progress", data: { fraction } });
  observe({ type: "task.result-sent" });

  expect(seen.map(({ moment }) => moment)).toEqual(["started", "half-way", "result-sent"]);
  expect(seen[0]).toEqual({
    moment: "started",
    workflowId: "w1",
    taskId: "api_tests",
    agentType: "qa",
    agentId: "qa-1",
    group: "qa_engineers_consumers",
    incarnation: "i1",
    at: "2026-11-23T10:00:00.000Z",
  });
});

test("every attempt has its own half-way", () => {
  const { observe, seen } = setup();

  for (const attempt of [1, 2]) observe({ type: "task.progress", attempt, data: { fraction: 0.6 } });

  expect(seen).toHaveLength(2);
});

test("other events, progress without a fraction, and events that name no agent are no moments", () => {
  const { observe, seen } = setup();

  observe({ type: "task.succeeded" });
  observe({ type: "task.progress", data: { step: "compiling" } });
  observe({ type: "task.started", incarnation: undefined });

  expect(seen).toEqual([]);
});

test("who has unsubscribed is told nothing", () => {
  const { observe, seen, unsubscribe } = setup();

  unsubscribe();
  observe({ type: "task.started" });

  expect(seen).toEqual([]);
});
