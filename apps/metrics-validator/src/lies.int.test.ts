/** Every way to falsify what a run left behind is reported: in the tables by SQL, in what others publish by events. */
import { SmallHive, STRUCK } from "./test-fixtures/small-hive.js";
import { Validator, violationsOf } from "./test-fixtures/validator.js";

let hive: SmallHive;
let validator: Validator;

beforeAll(async () => {
  hive = await SmallHive.start();
  validator = await Validator.start(hive.env);
});
afterAll(async () => {
  await validator.stop();
  await hive.stop();
});
beforeEach(() => hive.clear());

/** Ids of the workflows of one run. */
interface Story {
  plain: string;
  retried: string;
  crashed: string;
  cancelled: string;
  running: string;
}

/** Runs the hive, lets the lie be told, and says what is found wrong. */
async function foundOut(lie: (story: Story) => Promise<unknown>): Promise<string[]> {
  const run = await validator.begin();
  const plain = await hive.runOne();
  const retried = await hive.runWithRetry();
  const { id: crashed, act } = await hive.runWithCrash();
  const cancelled = await hive.runCancelled();
  const { id: running } = await hive.submit();
  await validator.post(`/v1/runs/${run}/acts`, { acts: [act] });
  await lie({ plain, retried, crashed, cancelled, running });
  return violationsOf((await validator.end(run)).invariants);
}

/** Of these invariants, and of no other. */
const of = (...ids: string[]) => new RegExp(`^(${ids.join("|")}): `);
async function expectFoundOut(ids: string[], lie: (story: Story) => Promise<unknown>): Promise<void> {
  const found = await foundOut(lie);
  for (const id of ids) expect(found).toContainEqual(expect.stringMatching(of(id)));
}

const SUCCESS = "workflow_id = $1 and outcome = 'succeeded'";

test("the truth is not called a lie", async () => {
  expect(await foundOut(async () => undefined)).toEqual([]);
});

test("a result deleted", () =>
  expectFoundOut(["I2", "I6"], ({ plain }) =>
    hive.sql(`delete from attempt_history where ${SUCCESS} and position = 1`, [plain]),
  ));

test("a result doubled", () =>
  expectFoundOut(["I2"], ({ plain }) =>
    hive.sql(
      `insert into attempt_history (workflow_id, position, attempt, delivery, outcome, recorded_at)
       select workflow_id, position, attempt, 'again', outcome, recorded_at from attempt_history
       where ${SUCCESS} and position = 1`,
      [plain],
    ),
  ));

test("results swapped between two tasks", () =>
  expectFoundOut(["I2"], ({ plain }) =>
    hive.sql(
      `update attempt_history h
       set agent_id = o.agent_id, incarnation = o.incarnation, entry_id = o.entry_id, started_at = o.started_at,
           finished_at = o.finished_at, dispatched_at = o.dispatched_at, recorded_at = o.recorded_at
       from attempt_history o
       where h.workflow_id = $1 and o.workflow_id = $1 and h.position in (0, 1) and o.position = 1 - h.position`,
      [plain],
    ),
  ));

test("a result recorded before its dependency's", () =>
  expectFoundOut(["I4"], async ({ plain }) => {
    const early = "(select recorded_at - interval '1 ms' from attempt_history where workflow_id = $1 and position = 0)";
    await hive.sql(`update attempt_history set recorded_at = ${early} where workflow_id = $1 and position = 1`, [
      plain,
    ]);
    await hive.sql(`update task set finished_at = ${early} where workflow_id = $1 and position = 1`, [plain]);
  }));

test("a task started before its dependency was recorded", () =>
  expectFoundOut(["I4"], ({ plain }) =>
    hive.sql(
      `update attempt_history set started_at =
         (select recorded_at - interval '2 ms' from attempt_history where workflow_id = $1 and position = 0)
       where workflow_id = $1 and position = 1`,
      [plain],
    ),
  ));

test("a workflow's counters falsified", () =>
  expectFoundOut(["I8", "I11"], ({ running }) =>
    hive.sql("update workflow set succeeded = succeeded + 1 where id = $1", [running]),
  ));

test("a recovery time falsified in an event", () =>
  expectFoundOut(["I11"], ({ crashed: workflowId }) =>
    hive.tell({
      type: "task.succeeded",
      workflowId,
      taskId: "top",
      data: { recovery: { from: STRUCK, part: "runningMs", ms: 0.001 } },
    }),
  ));

test("a throughput counter falsified", async () => {
  const run = await validator.begin();
  await hive.runOne();
  const figures = [{ kind: "throughput", source: "a status", of: "tasks", perSecond: 1e6 }];
  expect((await validator.post(`/v1/runs/${run}/figures`, { figures })).status).toBe(200);
  const found = violationsOf((await validator.end(run)).invariants);
  expect(found).toEqual([expect.stringMatching(/^I11: a status: 1000000 tasks a second; recomputed it is [\d.]+\.$/)]);
});

test("an attempt applied after the next was granted", () =>
  expectFoundOut(["I3"], ({ retried }) =>
    hive.sql(
      `update attempt_history set recorded_at = recorded_at + interval '1 hour'
       where workflow_id = $1 and outcome = 'failed'`,
      [retried],
    ),
  ));

test("a workflow said to be finished with live tasks", () =>
  expectFoundOut(["I1", "I8"], ({ running }) =>
    hive.sql("update workflow set state = 'succeeded', finished_at = clock_timestamp() where id = $1", [running]),
  ));

test("something recorded after the cancellation", () =>
  expectFoundOut(["I2", "I4"], ({ cancelled }) =>
    hive.sql(
      `insert into attempt_history (workflow_id, position, attempt, outcome, recorded_at)
       values ($1, 0, 2, 'succeeded', clock_timestamp())`,
      [cancelled],
    ),
  ));

test("a workflow made away with", () =>
  expectFoundOut(["I1"], async ({ plain }) => {
    await hive.sql("delete from attempt_history where workflow_id = $1", [plain]);
    await hive.sql("delete from task where workflow_id = $1", [plain]);
    await hive.sql("delete from workflow where id = $1", [plain]);
  }));

test("a task made away with, history and all", () =>
  expectFoundOut(["I8"], async ({ plain }) => {
    await hive.sql("delete from attempt_history where workflow_id = $1 and position = 3", [plain]);
    await hive.sql("delete from task where workflow_id = $1 and position = 3", [plain]);
  }));

test("a task's last dependency recorded, and the task left waiting", () =>
  expectFoundOut(["I1"], ({ plain }) =>
    hive.sql("update task set state = 'waiting', open_dependencies = 1 where workflow_id = $1 and position = 3", [
      plain,
    ]),
  ));

test("a task called dispatched for long that Redis knows nothing of", () =>
  expectFoundOut(["I6"], async ({ running }) => {
    await hive.sql("update workflow set created_at = created_at - interval '1 hour' where id = $1", [running]);
    await hive.sql(
      "update task set dispatched_at = dispatched_at - interval '1 minute' where workflow_id = $1 and position = 0",
      [running],
    );
  }));

test("an entry deleted in its consumer's hands", () =>
  expectFoundOut(["I7"], async () => {
    const stream = hive.keys.stream("agent_messages:backend");
    const id = await hive.redis.client.xadd(stream, "*", "k", "v");
    await hive.redis.client.xreadgroup("GROUP", "backend_engineers_consumers", "c", "COUNT", 1, "STREAMS", stream, ">");
    await hive.redis.client.xdel(stream, id!);
  }));

test("a consumer removed with what it held", () =>
  expectFoundOut(["I7"], async () => {
    const stream = hive.keys.stream("agent_messages:backend");
    await hive.redis.client.xadd(stream, "*", "k", "v");
    await hive.redis.client.xreadgroup("GROUP", "backend_engineers_consumers", "c", "COUNT", 1, "STREAMS", stream, ">");
    await hive.redis.client.xgroup("DELCONSUMER", stream, "backend_engineers_consumers", "c");
  }));

test("an end told that was not", () =>
  expectFoundOut(["I11"], ({ plain }) => hive.tell({ type: "workflow.cancelled", workflowId: plain })));
