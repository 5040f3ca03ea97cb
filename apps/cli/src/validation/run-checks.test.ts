import { failed, held, type Check, type Finding, type ValidationContext } from "./check.js";
import { environmentChecks } from "./checks/environment.js";
import { invariantsCheck } from "./checks/invariants.js";
import { runChecks, runWithoutHive, type RunOptions } from "./run-checks.js";

function checkOf(id: string, run: Check["run"]): Check {
  return { id, title: id, severity: "needed", wanted: "", run };
}

/** Checks that look at nothing need no hive. */
function setup(checks: Check[], options: RunOptions = {}, processes: object[] = []) {
  const hive = {
    databaseUrl: "postgres://nowhere.test/none",
    redisUrl: "redis://nowhere.test",
    supervisor: { list: () => processes },
  };
  const told: string[] = [];
  const observer = {
    began: ({ id }: Check) => told.push(`${id} began`),
    ended: ({ id, state }: { id: string; state: string }) => told.push(`${id} ${state}`),
  };
  const context = { hive } as unknown as ValidationContext;
  return { told, observer, run: () => runChecks(context, { quick: true, checks, observer, ...options }) };
}

test("checks are made one after the other, also after one that failed", async () => {
  const { told, run } = setup([
    checkOf("first", async () => failed("3", "Make it 4.")),
    checkOf("second", async () => held("4")),
  ]);

  const results = await run();

  expect(told).toEqual(["first began", "first failed", "second began", "second held"]);
  expect(results).toMatchObject({ mode: "quick", passed: false, interrupted: false });
  expect(results.checks).toMatchObject([{ found: "3", remedy: "Make it 4." }, { found: "4" }]);
});

test("a check whose question is not answered fails with what was said, and with the way to ask again", async () => {
  const { run } = setup([checkOf("clocks", () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:1")))]);

  expect((await run()).checks).toMatchObject([
    {
      state: "failed",
      found: "connect ECONNREFUSED 127.0.0.1:1",
      remedy: expect.stringContaining("hive validate --check clocks"),
    },
  ]);
});

test("a metrics validator that does not answer fails the invariants, and no other check", async () => {
  const closedPort = { name: "metrics-validator", service: "metrics-validator", port: 1 };
  const { run } = setup([checkOf("clocks", async () => held("0 ms")), invariantsCheck], {}, [closedPort]);

  expect((await run()).checks).toMatchObject([
    { id: "clocks", state: "held" },
    { id: "invariants", state: "failed", found: expect.stringMatching(/^Nothing was measured: /) },
  ]);
});

test("an interruption ends the check that is being made, and leaves out the rest", async () => {
  const interruption = new AbortController();
  const never = (): Promise<Finding> => {
    interruption.abort();
    return new Promise(() => undefined);
  };
  const { told, run } = setup(
    [checkOf("known", async () => held("so far")), checkOf("stuck", never), checkOf("later", async () => held("no"))],
    { signal: interruption.signal },
  );

  const results = await run();

  expect(told).toEqual(["known began", "known held", "stuck began", "stuck skipped", "later began", "later skipped"]);
  expect(results).toMatchObject({ interrupted: true, passed: false, totals: { held: 1, skipped: 2 } });
});

test("without a hive the machine is looked at all the same", async () => {
  const { observer, told } = setup([]);
  const signal = new AbortController().signal;
  const checks = [...environmentChecks, checkOf("schema", () => Promise.reject(new Error("asked without a hive")))];

  const results = await runWithoutHive(checks, { signal, observer, addresses: undefined });

  expect(results.find(({ id }) => id === "node-version")).toMatchObject({ state: "held" });
  expect(results.at(-1)).toMatchObject({ id: "schema", state: "skipped", reason: "There is no hive to check." });
  expect(told.slice(-2)).toEqual(["schema began", "schema skipped"]);
});
