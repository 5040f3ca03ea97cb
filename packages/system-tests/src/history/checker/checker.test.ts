import { check } from "./checker.js";
import { A, B, finish, killed, setup } from "./test-fixtures/killed-run.js";
import type { Story } from "./test-fixtures/story.js";
import type { Invariant } from "./verdict.js";

async function invariants(story: Story): Promise<Invariant[]> {
  const { violations } = await check(story.close(), story);
  expect(violations.every(({ message, events }) => message !== "" && Array.isArray(events))).toBe(true);
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

test("a sound run with a kill that bites is valid, and says what it saw", async () => {
  const { story, first, second } = setup();
  killed(story, first, second);
  finish(story, second);
  const verdict = await check(story.close(), story);
  expect(verdict).toMatchObject({ verdict: "valid", violations: [], voids: [] });
  expect(verdict.counts).toMatchObject({ workflows: 1, tasks: 2, applied: 2, effects: 2, faults: 1, strikes: 1 });
});

test("what a process did while its signal was on the way counts", async () => {
  const { story, first, second } = setup();
  killed(story, first, second);
  const of = story.engine.note("record", { entries: ["a result"], results: [] });
  story.kill(story.engine);
  story.engine.note("recorded", { of, verdicts: [] });
  story.publish([], ["a result"]);
  finish(story, second);
  expect(await check(story.close(), story)).toMatchObject({ verdict: "valid", violations: [], voids: [] });
});

describe("a run is void", () => {
  async function voids(tell: (all: ReturnType<typeof setup>) => void): Promise<string> {
    const all = setup();
    tell(all);
    const { verdict, voids: reasons } = await check(all.story.close(), all.story);
    expect(verdict).toBe("void");
    return reasons.join("; ");
  }

  test("without a fault", async () => {
    const reasons = await voids(({ story, second }) => {
      story.submit("w1", [[]]);
      story.run(second, A);
    });
    expect(reasons).toContain("0 faults, at least 1 are needed");
  });

  test("when the fault hit nobody who held work", async () => {
    const reasons = await voids(({ story, first, second }) => {
      story.submit("w1", [[]]);
      story.kill(first);
      story.run(second, A);
    });
    expect(reasons).toBe("0 faults that hit work, at least 1 are needed");
  });

  test("when nothing was submitted", async () => {
    const reasons = await voids(({ story, first }) => story.kill(first));
    expect(reasons).toContain("0 workflows");
  });

  test("when notes are missing", async () => {
    const reasons = await voids(({ story, first, second }) => {
      killed(story, first, second);
      finish(story, second);
      story.notes.splice(story.notes.findIndex(({ e }) => e === "effect") - 1, 1);
    });
    expect(reasons).toContain("1 notes are missing");
  });

  test("when the notes of a process end although nobody killed it", async () => {
    const { story, first, second } = setup();
    killed(story, first, second);
    finish(story, second);
    const { verdict, voids: reasons } = await check(story.notes, story);
    expect([verdict, reasons.join()]).toEqual(["void", expect.stringContaining("agent-2")]);
  });
});

/** What looks wrong and is not: the call that decides was not answered, or came in time. */
const OPEN: [string, (all: ReturnType<typeof setup>) => void][] = [
  [
    "a workflow that was asked for when its engine died was never stored",
    ({ story, second }) => {
      finish(story, second);
      story.engine.note("submit", { workflows: [["w2", [[]]]] });
    },
  ],
  [
    "a successor starts, and nobody has learned that its dependency was recorded",
    ({ story, second }) => {
      story.begin(second, A);
      story.effect(A);
      story.complete(second, A);
      story.record(A, "succeeded", second.by);
      // The engine died before it learned that.
      story.notes.splice(story.notes.findIndex(({ e }) => e === "recorded"));
      story.run(second, B);
    },
  ],
  [
    "a claim that nobody answered for may have emptied a removed consumer",
    ({ story, second }) => {
      const heir = story.process("agent-3");
      story.declareDead(second);
      heir.note("claim", { by: heir.by, epoch: "1", group: "agents" });
      const of = story.coordinator.note("remove", { group: "agents", consumer: second.by });
      story.coordinator.note("removed", { of, answer: 0 });
      story.claim(heir, A);
      finish(story, heir);
    },
  ],
  [
    "a stream was lost, and an attempt was run twice",
    ({ story, second }) => {
      story.complete(second, A);
      story.witness.note("fault", { kind: "lose" });
      story.deliver(second, A);
      finish(story, second);
    },
  ],
  [
    "a frozen holder is alive, and the engine's timeout ends its attempt",
    ({ story, second }) => {
      story.begin(second, A);
      const of = story.engine.note("record", { entries: [], results: [[A, 1, "timed-out"]] });
      const { attempts } = story.records.get("w1")!;
      story.engine.note("recorded", { of, verdicts: ["applied"] });
      attempts.push({ ...TIMED_OUT });
      story.advance([A]);
      story.publish([A]);
      story.deliver(second, A);
      finish(story, second);
    },
  ],
];
const TIMED_OUT = {
  position: 0,
  attempt: 1,
  delivery: "",
  outcome: "timed-out",
  dispatchedAtMs: 0,
  recordedAtMs: 0,
  incarnation: null,
};

test.each(OPEN)("nothing is violated when %s", async (_, tell) => {
  const all = setup();
  killed(all.story, all.first, all.second);
  tell(all);
  expect(await invariants(all.story)).toEqual([]);
});
