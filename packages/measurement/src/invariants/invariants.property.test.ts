/** The judges against runs of any shape: what is sound is found so, and every lie about it is found out. */
import fc from "fast-check";
import { LIES, type Lie } from "../test-fixtures/lies.js";
import { soundRun, type RunSketch } from "../test-fixtures/sound-run.js";
import { checkInvariants } from "./check-invariants.js";

const RUNS = 50;

const sketches: fc.Arbitrary<RunSketch> = fc.record({
  seed: fc.integer(),
  workflows: fc.integer({ min: 1, max: 6 }),
  tasks: fc.integer({ min: 1, max: 12 }),
});
const violated = (records: Parameters<typeof checkInvariants>[0]) =>
  checkInvariants(records).flatMap(({ id, violations }) => violations.map((violation) => `${id}: ${violation}`));

test("a sound run violates nothing, whatever its shape", () => {
  fc.assert(
    fc.property(sketches, (sketch) => {
      expect(violated(soundRun(sketch))).toEqual([]);
    }),
    { numRuns: 4 * RUNS },
  );
});

test("a run with something of everything is looked at by all invariants, and all hold", () => {
  const invariants = checkInvariants(soundRun({ seed: 1, workflows: 20, tasks: 10 }));
  expect(invariants.map(({ id, holds }) => `${id} ${holds}`)).toEqual(
    ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I11"].map((id) => `${id} true`),
  );
});

test("an invariant that looked at nothing does not hold", () => {
  const nothing = { ...soundRun({ seed: 1, workflows: 0, tasks: 1 }), groups: [] };
  const invariants = checkInvariants(nothing);
  expect(invariants.filter(({ holds, checked }) => holds || checked > 0)).toEqual([]);
});

test("at rest, what still runs is lost", () => {
  const records = soundRun({ seed: 1, workflows: 20, tasks: 10, running: 0.5 });
  const [noLoss] = checkInvariants({ ...records, isAtRest: true });
  expect(noLoss).toMatchObject({ id: "I1", holds: false });
  expect(noLoss!.violations[0]).toMatch(/^Workflow \S+ has not ended, though all is at rest\.$/);
});

test("only the first violations are told, and how many more there are", () => {
  const records = soundRun({ seed: 1, workflows: 60, tasks: 2 });
  for (const workflow of records.workflows) workflow.total++;
  const conserved = checkInvariants(records).find(({ id }) => id === "I8")!;
  expect(conserved.violations).toHaveLength(21);
  expect(conserved.violations.at(-1)).toMatch(/^And \d+ more\.$/);
});

test.each(LIES.map((lie): [string, Lie] => [lie.name, lie]))("it is found out that %s", (_, lie) => {
  // Not every run has what a lie is about; those that have not do not count.
  fc.assert(
    fc.property(sketches, (sketch) => {
      const records = soundRun(sketch);
      fc.pre(lie.tell(records));
      const broken = checkInvariants(records).flatMap(({ id, violations }) => (violations.length > 0 ? [id] : []));
      expect(broken).toEqual(expect.arrayContaining(lie.violates));
    }),
    { numRuns: RUNS / 5, maxSkipsPerRun: 200 },
  );
});
