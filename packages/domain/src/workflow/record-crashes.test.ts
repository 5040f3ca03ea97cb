import { byId, OPTIONS, states, workflow } from "../test-fixtures/workflows.js";
import { fillWindows } from "./fill-windows.js";
import { type LostDelivery, recordCrashes } from "./record-crashes.js";
import type { Workflows } from "./workflow.js";

const started = (): Workflows => fillWindows(byId(workflow(["a", "b: a"])), OPTIONS.freeSlotsByType, 1).workflows;

function crash(n: number, more: Partial<LostDelivery> = {}): LostDelivery {
  const delivery = { entryId: `${n}-0`, stream: "agent_messages:qa", incarnation: `i${n}` };
  return {
    workflowId: "w",
    position: 0,
    attempt: 1,
    ...delivery,
    alone: true,
    charged: true,
    startedAt: null,
    ...more,
  };
}

test("each delivery counts once, however often and in whatever batch it is heard of", () => {
  const once = recordCrashes(started(), [crash(1), crash(1), crash(2, { alone: false })], 5).workflows;
  const twice = recordCrashes(once, [crash(2), crash(1)], 6).workflows;
  expect(twice.get("w")!.tasks[0]).toMatchObject({ status: "dispatched", crashes: 2, crashesAlone: 1 });
  expect(twice.get("w")!.history).toHaveLength(2);
});

test("a process that fell silent is noted and not charged", () => {
  const { workflows } = recordCrashes(started(), [crash(1, { charged: false })], 5);
  expect(workflows.get("w")!.tasks[0]).toMatchObject({ crashes: 0 });
  expect(workflows.get("w")!.history).toMatchObject([{ outcome: "frozen", delivery: "frozen 1-0 i1" }]);
});

test("the third crash alone sets the task aside, named by its last entry, and fails the workflow", () => {
  const { workflows, deadLetters } = recordCrashes(started(), [crash(1), crash(2), crash(3)], 5);
  expect(states(workflows)).toEqual(["a dead 1", "b cancelled 0"]);
  expect(workflows.get("w")).toMatchObject({ status: "failed", failedPosition: 0 });
  expect(deadLetters).toMatchObject([{ reason: "POISON", entryId: "3-0", task: { position: 0, attempt: 1 } }]);
});
