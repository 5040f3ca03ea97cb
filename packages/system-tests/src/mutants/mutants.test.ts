/**
 * The checker is put to the proof: hives that are broken in one way each, in which it must object, and sound ones under the
 * same faults, in which it must not. A representative part of what run.js does.
 */
import { MUTANTS, MUTANT_VARIABLE, hookOf } from "./mutants.js";
import { runScenario } from "./scenarios.js";

const IN_TESTS = MUTANTS.filter(({ inTests }) => inTests);
const SCENARIOS = ["agentsKilled", "groupDestroyed"] as const;

test.each(SCENARIOS)(
  "a sound hive keeps its invariants: %s",
  async (scenario) => {
    const { verdict, violations, voids } = await runScenario(scenario);
    expect({ verdict, violations, voids }).toEqual({ verdict: "valid", violations: [], voids: [] });
  },
  180_000,
);

test.each(IN_TESTS)(
  "$name is found out",
  async ({ name, scenario, shows }) => {
    const { violations } = await runScenario(scenario, { NODE_OPTIONS: hookOf(), [MUTANT_VARIABLE]: name });
    const found = violations.map(({ invariant }) => invariant).filter((invariant) => shows.includes(invariant));
    expect(found).not.toEqual([]);
  },
  180_000,
);
