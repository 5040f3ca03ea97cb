import { chargeCrash, type CrashHistory, decideDelivery } from "./poison.js";

test.each([
  [{ crashes: 0, crashesAlone: 0 }, "run"],
  [{ crashes: 1, crashesAlone: 0 }, "run-alone"],
  [{ crashes: 40, crashesAlone: 2 }, "run-alone"],
  [{ crashes: 3, crashesAlone: 3 }, "dead-letter"],
])("with %p the next delivery is to %s", (history, decision) => {
  expect(decideDelivery(history)).toBe(decision);
});

test("a delivery that had not started is not charged", () => {
  const history = { crashes: 1, crashesAlone: 1 };
  expect(chargeCrash(history, { started: false, alone: true })).toBe(history);
});

test("what ran beside a poison task becomes a suspect once and is cleared by never crashing alone", () => {
  const witness = chargeCrash({ crashes: 0, crashesAlone: 0 }, { started: true, alone: false });
  expect(witness).toEqual({ crashes: 1, crashesAlone: 0 });
  expect(decideDelivery(witness)).toBe("run-alone");
});

test("a task that kills its process is a dead letter after one crash in company and three alone", () => {
  let history: CrashHistory = { crashes: 0, crashesAlone: 0 };
  const decisions = [];
  for (let decision = decideDelivery(history); decision !== "dead-letter"; decision = decideDelivery(history)) {
    decisions.push(decision);
    history = chargeCrash(history, { started: true, alone: decision === "run-alone" });
  }
  expect(decisions).toEqual(["run", "run-alone", "run-alone", "run-alone"]);
});
