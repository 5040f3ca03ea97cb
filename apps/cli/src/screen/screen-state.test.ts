import type { HiveEvent } from "@agent-hive/contracts";
import fc from "fast-check";
import type { RecordedMoment } from "./recording.js";
import { EMPTY_SCREEN, advance, screenAt, type ScreenState } from "./screen-state.js";

const WORKFLOW: RecordedMoment = {
  type: "workflow",
  atMs: 0,
  id: "w",
  name: "diamond",
  tasks: [
    { id: "join", agentType: "qa", dependsOn: ["left", "right"] },
    { id: "left", agentType: "backend", dependsOn: ["first"] },
    { id: "first", agentType: "architects", dependsOn: [] },
    { id: "right", agentType: "frontend", dependsOn: ["first"] },
  ],
};

const event = (type: HiveEvent["type"], atMs = 0, more: Partial<HiveEvent> = {}): RecordedMoment => ({
  type: "event",
  atMs,
  event: { type, at: "2026-11-26T00:00:00.000Z", workflowId: "w", taskId: "first", agentId: "architects-1", ...more },
});

const after = (...moments: RecordedMoment[]): ScreenState => [WORKFLOW, ...moments].reduce(advance, EMPTY_SCREEN);
const first = (...moments: RecordedMoment[]) => after(...moments).tasks[0]!;

test("tasks stand behind those that they wait for", () => {
  expect(after().tasks.map(({ id, level }) => [id, level])).toEqual([
    ["first", 0],
    ["left", 1],
    ["right", 1],
    ["join", 2],
  ]);
});

test("a task is seen on its way, running, struck, running elsewhere and done", () => {
  const story = [
    event("task.dispatched"),
    event("task.started"),
    event("chaos.held"),
    event("delivery.crashed", 0, { agentId: undefined }),
    event("delivery.claimed", 0, { agentId: "architects-2" }),
    event("task.succeeded", 0, { agentId: "architects-2" }),
  ];
  const looks = story.map((_, index) => first(...story.slice(0, index + 1)).look);
  expect(looks).toEqual(["dispatched", "running", "struck", "struck", "running", "succeeded"]);
  expect(first(...story)).toMatchObject({ agentId: "architects-2", lost: 1 });
});

test("what is over stays over, however late events come", () => {
  const types = fc.constantFrom<HiveEvent["type"]>(
    ...([
      "task.dispatched",
      "task.started",
      "delivery.crashed",
      "delivery.claimed",
      "chaos.held",
      "task.failed",
    ] as const),
  );
  fc.assert(
    fc.property(fc.array(types), (late) => {
      expect(first(event("task.succeeded"), ...late.map((type) => event(type))).look).toBe("succeeded");
    }),
  );
});

test("events of other workflows change nothing but are no happening either", () => {
  const other = { workflowId: "another" };
  expect(after(event("task.succeeded", 0, other), event("task.failed", 0, other))).toEqual(after());
});

test("happenings are told with their times, and messages are counted by the second", () => {
  const state = after(
    event("task.dispatched", 100),
    event("task.started", 1_100),
    event("consumer.dead", 2_000, { data: { kind: "frozen" } }),
    event("delivery.claimed", 2_500, { agentId: "architects-2" }),
    event("task.succeeded", 2_900),
    event("task.fenced", 3_000),
  );
  expect(state.perSecond).toEqual([1, 1, 1]);
  expect(state.happenings.map(({ atMs, text }) => [atMs, text])).toEqual([
    [2_000, "architects-1 is declared dead: it froze"],
    [2_500, "first is claimed by architects-2"],
    [3_000, "a late result of architects-1 for first was refused"],
  ]);
});

test("the screen at a moment is that of all moments until then", () => {
  const phase = (number: number, state: "began" | "done", atMs: number): RecordedMoment => ({
    type: "phase",
    atMs,
    number,
    of: 2,
    title: `phase ${number}`,
    state,
    text: state,
  });
  const moments = [phase(1, "began", 0), phase(1, "done", 500), phase(2, "began", 600)];
  expect(screenAt(moments, 550)).toMatchObject({
    phases: [{ title: "phase 1", state: "done" }],
    phaseCount: 2,
    told: "done",
    atMs: 550,
  });
  expect(screenAt(moments, 600).phases).toHaveLength(2);
});
