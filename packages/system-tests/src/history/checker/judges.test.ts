import { check } from "./checker.js";
import { A, B, finish, killed, setup } from "./test-fixtures/killed-run.js";
import type { Story } from "./test-fixtures/story.js";
import type { Invariant } from "./verdict.js";

async function invariants(story: Story): Promise<Invariant[]> {
  const { violations } = await check(story.close(), story);
  expect(violations.every(({ message, events }) => message !== "" && Array.isArray(events))).toBe(true);
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

/** What goes wrong, by the invariant that it violates; each tells a run from after the claim on. */
const WRONG: [Invariant, string, (all: ReturnType<typeof setup>) => void][] = [
  [
    "I1",
    "an accepted workflow is not in PostgreSQL",
    ({ story, second }) => {
      finish(story, second);
      story.records.delete("w1");
    },
  ],
  [
    "I1",
    "a task is never run",
    ({ story, second }) => {
      story.begin(second, A);
      story.effect(A);
      story.complete(second, A);
      story.record(A, "succeeded", second.by);
    },
  ],
  [
    "I2",
    "a success that was learned is not in PostgreSQL",
    ({ story, second }) => {
      finish(story, second);
      story.records.get("w1")!.attempts.pop();
    },
  ],
  [
    "I2",
    "an attempt is applied twice",
    ({ story, second }) => {
      finish(story, second);
      const of = story.engine.note("record", { entries: ["again"], results: [[B, 1, "succeeded", second.by]] });
      story.engine.note("recorded", { of, verdicts: ["applied"] });
    },
  ],
  [
    "I2",
    "an output names an effect that never was",
    ({ story, second }) => {
      finish(story, second);
      story.task(B).output = '{"nonce":"another"}';
    },
  ],
  [
    "I3",
    "a result is applied after the next attempt was granted",
    ({ story, second }) => {
      story.advance([A]);
      const of = story.engine.note("record", { entries: ["late"], results: [[A, 1, "failed", second.by]] });
      story.engine.note("recorded", { of, verdicts: ["applied"] });
      story.deliver(second, A);
      finish(story, second);
    },
  ],
  [
    "I3",
    "PostgreSQL has a result that came after the next attempt was granted",
    ({ story, second }) => {
      story.begin(second, A);
      story.complete(second, A);
      story.record(A, "failed", second.by);
      story.deliver(second, A);
      finish(story, second);
      story.records.get("w1")!.attempts[0]!.recordedAtMs = 1e6;
    },
  ],
  [
    "I3",
    "a result is taken from somebody else than the owner",
    ({ story, second }) => {
      const third = story.process("agent-3");
      story.complete(third, A);
      finish(story, second);
    },
  ],
  [
    "I3",
    "a result is taken from the dead",
    ({ story, second }) => {
      story.begin(second, A);
      story.declareDead(second);
      finish(story, second);
    },
  ],
  [
    "I3",
    "two results of one attempt are taken",
    ({ story, second }) => {
      story.complete(second, A);
      finish(story, second);
    },
  ],
  [
    "I3",
    "entries are claimed from the living",
    ({ story }) => {
      const third = story.process("agent-3");
      story.claim(third, A);
      finish(story, third);
    },
  ],
  [
    "I3",
    "what was settled is begun",
    ({ story, second }) => {
      finish(story, second);
      story.begin(second, A, 1);
    },
  ],
  [
    "I3",
    "what ran when Redis was wiped is begun at the same attempt",
    ({ story, second }) => {
      story.begin(second, A);
      story.witness.note("fault", { kind: "wipe", epoch: "1" });
      story.engine.note("epoch", { epoch: (story.epoch = "2") });
      story.deliver(second, A);
      finish(story, second);
    },
  ],
  [
    "I3",
    "an attempt that was never granted is started",
    ({ story, second }) => {
      story.begin(second, A, 2);
      finish(story, second);
    },
  ],
  [
    "I3",
    "an epoch that is over may still publish",
    ({ story, second }) => {
      story.engine.note("epoch", { epoch: "2" });
      story.publish([A]);
      finish(story, second);
    },
  ],
  [
    "I3",
    "an epoch that was wiped may still publish",
    ({ story, second }) => {
      story.witness.note("fault", { kind: "wipe", epoch: "1" });
      story.publish([A]);
      finish(story, second);
    },
  ],
  [
    "I4",
    "a task starts before its dependency's result is given to PostgreSQL",
    ({ story, second }) => {
      story.begin(second, B, 0);
      finish(story, second);
    },
  ],
  [
    "I4",
    "a task starts where its cancellation is known",
    ({ story, second }) => {
      second.note("cancel-heard", { workflow: "w1" });
      finish(story, second);
    },
  ],
  [
    "I4",
    "a result is recorded after the cancellation",
    ({ story, second }) => {
      const of = story.engine.note("cancel", { workflow: "w1" });
      story.engine.note("cancelled", { of, status: "cancelled" });
      finish(story, second);
    },
  ],
  [
    "I4",
    "PostgreSQL has a result from after the end",
    ({ story, second }) => {
      finish(story, second);
      story.records.get("w1")!.attempts[1]!.recordedAtMs = 1e6;
    },
  ],
  [
    "I5",
    "a key is accepted twice",
    ({ story, second }) => {
      story.submit("w2", [[]], { key: "key", requestHash: "hash" });
      story.run(second, "w2:0");
      finish(story, second);
    },
  ],
  [
    "I5",
    "a key is accepted with another body",
    ({ story, second }) => {
      const of = story.engine.note("submit", { key: "key", requestHash: "other", workflows: [] });
      story.engine.note("submitted", { of, ids: ["w1"], replayed: true });
      finish(story, second);
    },
  ],
  [
    "I6",
    "an entry is acknowledged that was not recorded",
    ({ story, second }) => {
      story.publish([], ["a result"]);
      finish(story, second);
    },
  ],
  [
    "I6",
    "an entry is acknowledged while the outcome is not known",
    ({ story, second }) => {
      story.engine.note("record", { entries: ["a result"], results: [] });
      story.publish([], ["a result"]);
      finish(story, second);
    },
  ],
  [
    "I7",
    "a consumer is removed while it holds an entry",
    ({ story, second }) => {
      const of = story.coordinator.note("remove", { group: "agents", consumer: second.by });
      story.coordinator.note("removed", { of, answer: 0 });
      finish(story, second);
    },
  ],
  [
    "I7",
    "an attempt ends by the back-up timeout alone, nobody alive having its entry",
    ({ story, second }) => {
      story.submit("w2", [[]]);
      const of = story.engine.note("record", { entries: [], results: [["w2:0", 1, "timed-out"]] });
      story.engine.note("recorded", { of, verdicts: ["applied"] });
      finish(story, second);
    },
  ],
  [
    "I7",
    "what is called in flight is in no stream",
    ({ story, second }) => {
      finish(story, second);
      story.witness.note("look", { entries: [], inFlight: [[A, "1"]] });
    },
  ],
  [
    "I7",
    "an entry is left when its attempt is over",
    ({ story, second }) => {
      finish(story, second);
      story.witness.note("look", { entries: [["agent_messages:x", "1-0", A, 1]], inFlight: [] });
    },
  ],
  [
    "I8",
    "a workflow's counts are not those of its tasks",
    ({ story, second }) => {
      finish(story, second);
      story.records.get("w1")!.succeeded = 1;
    },
  ],
  [
    "I8",
    "a snapshot does not add up",
    ({ story, second }) => {
      const tasks = { total: 2, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: 1 };
      story.witness.note("snapshot", { tasks });
      finish(story, second);
    },
  ],
  [
    "I8",
    "PostgreSQL has a workflow that nobody submitted",
    ({ story, second }) => {
      finish(story, second);
      story.records.set("w9", { ...story.records.get("w1")!, id: "w9" });
    },
  ],
];

test.each(WRONG)("%s is violated when %s", async (invariant, _, tell) => {
  const all = setup();
  killed(all.story, all.first, all.second);
  tell(all);
  expect(await invariants(all.story)).toContain(invariant);
});
