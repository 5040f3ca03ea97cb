/** Random scenarios: workflows, and events that name their targets by picks, so that they fit whatever state is reached. */
import fc from "fast-check";
import type { GraphTask } from "../graph/graph-task.js";
import type { RetryPolicy } from "../retry/retry-policy.js";
import type { Outcome } from "../workflow/record-results.js";
import { AGENT_TYPES, randomDag } from "./random-dag.js";

/** Which task is meant: one dispatched now, one named before (of the same kind), or any; `skew` is added to its attempt. */
export interface Target {
  from: "dispatched" | "named" | "any" | "nowhere";
  pick: number;
  skew: number;
  /** Named before: the same again, but another delivery of it. */
  otherwise: boolean;
}

export interface BatchSketch {
  results: (Target & { outcome: Outcome })[];
  crashes: (Target & { alone: boolean; charged: boolean; times: number })[];
  checkpoints: (Target & { sequence: number })[];
  deadLetters: Target[];
}

export interface WorkflowSketch {
  tasks: GraphTask[];
  priority: number;
  retry: RetryPolicy;
}

/** Free places by agent type; null: nothing is said of it. */
type RoomSketch = (number | null)[];

export type HiveEvent =
  | { kind: "submit"; workflows: WorkflowSketch[]; key: number | null; body: number; room: RoomSketch }
  | { kind: "record"; batch: BatchSketch; room: RoomSketch }
  /** An earlier batch comes again, because its engine died before it acknowledged it. */
  | { kind: "record again"; pick: number; room: RoomSketch }
  | { kind: "time out"; targets: Target[]; room: RoomSketch }
  | { kind: "fill"; room: RoomSketch }
  | { kind: "release"; most: number }
  | { kind: "pass time" }
  | { kind: "cancel"; pick: number }
  | { kind: "lose epoch" }
  | { kind: "redispatch"; most: number; goOn: boolean };

const failure = { code: "boom", message: 'It "broke" \\ so.' };

const someOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 32, arbitrary: fc.record({ kind: fc.constant("succeeded" as const), output: fc.nat(3) }) },
  {
    weight: 10,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: "failed", failure, retryable: true },
      { kind: "failed", failure, retryable: true, retryAfterMs: 40_000 },
      { kind: "failed", failure, retryable: true, retryAfterMs: 500_000 },
      { kind: "timed-out", failure },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: "failed", failure, retryable: false },
      { kind: "dead-letter", failure },
    ),
  },
);

export const someOutcomes = fc.array(someOutcome, { maxLength: 60 });

function weighted<T>(...choices: [number, T][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

const target = {
  from: weighted<Target["from"]>([14, "dispatched"], [7, "named"], [2, "any"], [1, "nowhere"]),
  pick: fc.nat(),
  skew: weighted([12, 0], [1, -1], [1, 1]),
  otherwise: fc.boolean(),
};
const someTarget = fc.record(target);
const someRoom: fc.Arbitrary<RoomSketch> = fc.tuple(
  ...AGENT_TYPES.map(() => weighted<number | null>([1, null], [2, 0], [3, 1], [3, 2], [4, 9])),
);

/** Delays of nothing, or of minutes: so it is certain what is due, however long a step takes. */
const someRetry: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: weighted([1, 1], [3, 2], [3, 3], [1, 5]),
  initialDelayMs: weighted([3, 0], [2, 30_000], [1, 99_999]),
  factor: weighted([2, 1], [3, 2], [1, 2.5]),
  maxDelayMs: weighted([1, 60_000], [2, 300_000]),
  jitter: fc.constant("equal" as const),
});

const someWorkflow: fc.Arbitrary<WorkflowSketch> = fc.record({
  tasks: fc
    .tuple(
      fc.oneof(
        { weight: 7, arbitrary: randomDag(8) },
        { weight: 2, arbitrary: randomDag(16) },
        { weight: 1, arbitrary: randomDag(40) },
      ),
      weighted([1, true], [3, false]),
    )
    .map(([{ tasks }, equal]) => (equal ? tasks.map((task) => ({ ...task, durationMs: 7 })) : tasks)),
  priority: weighted([1, 0], [4, 5], [1, 6], [1, 9]),
  retry: someRetry,
});

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number) => fc.array(arbitrary, { maxLength, size: "max" });

const results = (most: number) => some(fc.record({ ...target, outcome: someOutcome }), most);
const crash = fc.record({
  ...target,
  alone: fc.boolean(),
  charged: weighted([4, true], [1, false]),
  times: fc.integer({ min: 1, max: 3 }),
});
const checkpoint = fc.record({ ...target, sequence: fc.nat(4) });
const nothing = fc.constant<never[]>([]);

const someBatch: fc.Arbitrary<BatchSketch> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ results: results(8), crashes: nothing, checkpoints: nothing, deadLetters: nothing }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      results: nothing,
      crashes: some(crash, 2),
      checkpoints: some(checkpoint, 5),
      deadLetters: nothing,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      results: results(4),
      crashes: some(crash, 3),
      checkpoints: some(checkpoint, 3),
      deadLetters: some(someTarget, 2),
    }),
  },
);

const someSubmission = fc.record({
  kind: fc.constant("submit" as const),
  workflows: fc.array(someWorkflow, { minLength: 1, maxLength: 3 }),
  key: weighted<number | null>([2, null], [2, 0], [1, 1]),
  body: weighted([3, 0], [1, 1]),
  room: someRoom,
});

const someEvent: fc.Arbitrary<HiveEvent> = fc.oneof(
  { weight: 2, arbitrary: someSubmission },
  { weight: 26, arbitrary: fc.record({ kind: fc.constant("record" as const), batch: someBatch, room: someRoom }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("record again" as const), pick: fc.nat(), room: someRoom }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("time out" as const), targets: some(someTarget, 3), room: someRoom }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("fill" as const), room: someRoom }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("release" as const), most: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "pass time" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "lose epoch" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("redispatch" as const),
      most: fc.integer({ min: 1, max: 9 }),
      goOn: fc.boolean(),
    }),
  },
);

/** Events, of which the first submits workflows; the lengths are those of what follows it. */
export function someScenario(length: { minLength: number; maxLength: number }): fc.Arbitrary<HiveEvent[]> {
  return fc
    .tuple(someSubmission, fc.array(someEvent, { ...length, size: "max" }))
    .map(([first, rest]) => [first, ...rest]);
}

/**
 * Rounds of two or more events that are to come at the same time, after a first round that submits workflows: what locks
 * workflows, and nothing else.
 */
export function someRounds(most: { rounds: number; atOnce: number }): fc.Arbitrary<HiveEvent[][]> {
  const event: fc.Arbitrary<HiveEvent> = fc.oneof(
    { weight: 1, arbitrary: someSubmission },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant("record" as const), batch: someBatch, room: someRoom }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("record again" as const), pick: fc.nat(), room: someRoom }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("time out" as const), targets: some(someTarget, 3), room: someRoom }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat() }) },
  );
  const round = fc.array(event, { minLength: 2, maxLength: most.atOnce, size: "max" });
  return fc
    .tuple(someSubmission, fc.array(round, { minLength: 1, maxLength: most.rounds, size: "max" }))
    .map(([first, rounds]) => [[first], ...rounds]);
}
