import fc from "fast-check";
import { check } from "./checker.js";
import { Story, type Teller } from "./test-fixtures/story.js";
import type { Kind, Note, NoteOf } from "./notes.js";
import type { Invariant } from "./verdict.js";

/** One choice after the other, from a list that fast-check can shrink. */
class Choices {
  private at = 0;
  constructor(private readonly numbers: number[]) {}
  below(limit: number): number {
    return this.numbers[this.at++ % this.numbers.length]! % limit;
  }
}

/** A sound run of random workflows, in random order, with failures and kills at random. */
function soundRun(choices: Choices): Story {
  const story = new Story();
  let agents = [story.process("agent"), story.process("agent")];
  const ready: string[] = [];
  for (let workflow = 0; workflow < 1 + choices.below(4); workflow++) {
    const tasks = 1 + choices.below(5);
    const successors = Array.from({ length: tasks }, (_, from) =>
      Array.from({ length: tasks - from - 1 }, (__, step) => from + step + 1).filter(() => choices.below(3) === 0),
    );
    story.submit(`w${workflow}`, successors, { key: `key ${workflow}`, requestHash: "hash" });
  }
  const dispatched = (): string[] =>
    [...story.records.values()].flatMap(({ id, tasks }) =>
      tasks.flatMap(({ state }, position) => (state === "dispatched" ? [`${id}:${position}`] : [])),
    );
  for (let step = 0; ; step++) {
    ready.splice(0, ready.length, ...dispatched());
    if (ready.length === 0) return story;
    const taskKey = ready[choices.below(ready.length)]!;
    const [agent, other] = choices.below(2) === 0 ? agents : agents.toReversed();
    const fate = step === 0 ? "killed" : (["run", "run", "failed", "killed"] as const)[choices.below(4)]!;
    if (fate === "failed" && story.task(taskKey).attempt < 3) story.run(agent!, taskKey, "failed");
    else if (fate === "killed") agents = killedUnder(story, taskKey, agent!, other!);
    else story.run(agent!, taskKey);
  }
}

function killedUnder(story: Story, taskKey: string, victim: Teller, heir: Teller): Teller[] {
  story.deliver(victim, taskKey);
  story.begin(victim, taskKey);
  story.effect(taskKey);
  story.kill(victim);
  story.declareDead(victim);
  story.claim(heir, taskKey);
  story.begin(heir, taskKey);
  story.complete(heir, taskKey);
  story.record(taskKey, "succeeded", heir.by);
  return [heir, story.process("agent")];
}

/** Any note of the kind that fits. */
function find<K extends Kind>(
  story: Story,
  kind: K,
  choices: Choices,
  fits: (note: NoteOf<K>) => boolean = () => true,
): NoteOf<K> | undefined {
  const all = (story.notes.filter(({ e }) => e === kind) as NoteOf<K>[]).filter(fits);
  return all[choices.below(Math.max(1, all.length))];
}

/** One wrong of each kind, done to a sound run; false where there is nothing to do it to. */
const WRONGS: Record<string, { shows: Invariant[]; apply: (story: Story, choices: Choices) => boolean }> = {
  "a task is left alone": {
    shows: ["I1"],
    apply: (story, choices) => {
      const record = story.records.get(`w${choices.below(story.records.size)}`)!;
      record.tasks[choices.below(record.tasks.length)]!.state = "dispatched";
      return true;
    },
  },
  "a result is applied again": {
    shows: ["I2"],
    apply: (story, choices) => {
      const record = find(story, "record", choices);
      if (record === undefined) return false;
      const of = story.engine.note("record", { entries: ["again"], results: record.results });
      story.engine.note("recorded", { of, verdicts: ["applied"] });
      return true;
    },
  },
  "an output is exchanged": {
    shows: ["I2"],
    apply: (story, choices) => {
      const record = story.records.get(`w${choices.below(story.records.size)}`)!;
      record.tasks[choices.below(record.tasks.length)]!.output = '{"nonce":"nobody\'s"}';
      return true;
    },
  },
  "a dead one completes": {
    shows: ["I3"],
    apply: (story, choices) => {
      const complete = find(story, "complete", choices);
      if (complete === undefined) return false;
      const at = story.notes.indexOf(complete);
      const judge = { p: "judge-life", n: 0, t: complete.t - 3, e: "process", name: "judge", pid: 1 } as const;
      story.notes.splice(
        at,
        0,
        judge,
        {
          ...judge,
          n: 1,
          t: complete.t - 2,
          e: "judge",
          by: "judge",
          epoch: "1",
          incarnation: complete.by,
          kind: "frozen",
        } as Note,
        { ...judge, n: 2, t: complete.t - 1, e: "judged", of: 1, outcome: "declared" } as Note,
      );
      return true;
    },
  },
  "a successor starts before its dependency is recorded": {
    shows: ["I4"],
    apply: (story, choices) => {
      const submit = find(story, "submit", choices, ({ workflows }) =>
        workflows[0]![1].some((each) => each.length > 0),
      );
      if (submit === undefined) return false;
      const [id, successors] = submit.workflows[0]!;
      const agent = { p: "hasty-life", n: 0, t: submit.t + 1, e: "process", name: "hasty", pid: 2 } as const;
      const tasks = [[`${id}:${successors.flat()[0]}`, 1, "early"]];
      const start = { ...agent, n: 1, t: submit.t + 2, e: "start", by: "hasty", tasks } as unknown as Note;
      story.notes.splice(story.notes.indexOf(submit) + 1, 0, agent, start);
      return true;
    },
  },
  "a key is accepted for another body": {
    shows: ["I5"],
    apply: (story) => {
      const of = story.engine.note("submit", { key: "key 0", requestHash: "other", workflows: [] });
      story.engine.note("submitted", { of, ids: ["w0"], replayed: true });
      return true;
    },
  },
  "an input is acknowledged that was never recorded": {
    shows: ["I6"],
    apply: (story) => {
      story.publish([], ["never recorded"]);
      return true;
    },
  },
  "an entry vanishes": {
    shows: ["I7"],
    apply: (story, choices) => {
      story.witness.note("look", { entries: [], inFlight: [[`w${choices.below(story.records.size)}:0`, "1"]] });
      return true;
    },
  },
  "a counter is off by one": {
    shows: ["I8"],
    apply: (story, choices) => {
      story.records.get(`w${choices.below(story.records.size)}`)!.failed += 1;
      return true;
    },
  },
};

const numbers = fc.array(fc.nat(1_000), { minLength: 60, maxLength: 120 });

test("random sound runs are valid", async () => {
  await fc.assert(
    fc.asyncProperty(numbers, async (list) => {
      const story = soundRun(new Choices(list));
      const { verdict, violations, voids } = await check(story.close(), story);
      expect({ verdict, violations, voids }).toEqual({ verdict: "valid", violations: [], voids: [] });
    }),
    { numRuns: 100 },
  );
});

test.each(Object.entries(WRONGS))("a random run in which %s is found out", async (_, { shows, apply }) => {
  await fc.assert(
    fc.asyncProperty(numbers, numbers, async (list, places) => {
      const story = soundRun(new Choices(list));
      fc.pre(apply(story, new Choices(places)));
      const { violations } = await check(story.close(), story);
      expect(violations.map(({ invariant }) => invariant)).toEqual(expect.arrayContaining(shows));
    }),
    { numRuns: 40 },
  );
});
