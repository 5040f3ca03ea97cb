import pg from "pg";
import { TestHive } from "./test-hive.js";

let hive: TestHive;
beforeAll(async () => {
  hive = await TestHive.start();
}, 90_000);
afterAll(async () => {
  await hive?.stop();
});

type Samples = Map<string, number>;

/** A killed process answers as soon as it has been started again. */
function textOf(port: number): Promise<string> {
  const ask = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return hive.until(`metrics at port ${port}`, ask, () => true);
}

/** Everything that the services of this kind tell, added up. */
async function metricsOf(...services: string[]): Promise<Samples> {
  const ports = hive.launcher.supervisor.list().filter(({ service }) => services.includes(service));
  const texts = await Promise.all(ports.map(({ port }) => textOf(port)));
  const samples: Samples = new Map();
  for (const line of texts.flatMap((text) => text.split("\n"))) {
    const [, series, value] = /^([a-z_]+(?:\{.*\})?) ([0-9.e+-]+)$/i.exec(line) ?? [];
    if (series) samples.set(series, (samples.get(series) ?? 0) + Number(value));
  }
  return samples;
}

/** The sum over all series of a metric whose labels have this text. */
const sumOf = (samples: Samples, name: string, label = ""): number =>
  [...samples].reduce((sum, [series, value]) => {
    const isIt = series === name || series.startsWith(`${name}{`);
    return isIt && series.includes(label) ? sum + value : sum;
  }, 0);

const AGENTS = ["agent-architect", "agent-backend", "agent-frontend", "agent-qa"];

const chain = (name: string) => ({
  name,
  tasks: ["architects", "backend", "frontend", "qa"].map((agentType, index, all) => ({
    id: agentType,
    agentType,
    handler: "noop",
    dependsOn: index === 0 ? [] : [all[index - 1]!],
  })),
});

async function runSome(count: number): Promise<void> {
  const submitted = await Promise.all(Array.from({ length: count }, (_, index) => hive.submit(chain(`some-${index}`))));
  for (const { id } of submitted) expect((await hive.ended(id)).state).toBe("succeeded");
}

test("what services count is what is recorded, with an agent killed on the way", async () => {
  await runSome(20);
  const { armed, done } = hive.chaos.arm({ moment: "started", act: "crash", taskId: "backend" });
  await armed;
  const { id } = await hive.submit(chain("struck"));
  await done;
  expect((await hive.ended(id)).state).toBe("succeeded");

  const database = new pg.Client({ connectionString: hive.databaseUrl });
  await database.connect();
  const { rows } = await database.query(
    `select (select count(*)::int from workflow where state = 'succeeded') as workflows,
            (select count(*)::int from attempt_history where outcome = 'succeeded') as attempts`,
  );
  await database.end();
  expect(rows[0]).toEqual({ workflows: 21, attempts: 84 });

  const engine = await metricsOf("workflow-engine");
  expect(sumOf(engine, "hive_workflows_submitted_total")).toBe(21);
  expect(sumOf(engine, "hive_workflows_finished_total", 'state="succeeded"')).toBe(21);
  expect(sumOf(engine, "hive_attempts_total", 'outcome="succeeded"')).toBe(84);
  expect(sumOf(engine, "hive_results_total", 'verdict="applied"')).toBe(84);
  expect(sumOf(engine, "hive_attempt_duration_seconds_count")).toBe(84);
  expect(sumOf(engine, "hive_crashed_deliveries_total", 'agent_type="backend"')).toBe(1);
  expect(sumOf(engine, "hive_in_flight_tasks")).toBe(0);
  expect(sumOf(engine, "hive_tasks_dispatched_total")).toBe(84);

  expect(sumOf(await metricsOf("router"), "hive_routed_tasks_total", 'outcome="routed"')).toBe(84);

  const coordinator = await metricsOf("group-coordinator");
  expect(sumOf(coordinator, "hive_leader")).toBe(1);
  expect(sumOf(coordinator, "hive_members_declared_dead_total", 'kind="crashed"')).toBe(1);
  expect(sumOf(coordinator, "hive_group_waiting_entries", 'group="backend_engineers_consumers"')).toBe(0);
  expect(sumOf(await metricsOf(...AGENTS), "hive_claimed_entries_total", 'group="backend_engineers_consumers"')).toBe(
    1,
  );
});

test("more work makes no more series", async () => {
  const series = async () => [...(await metricsOf("workflow-engine", "router", "group-coordinator", ...AGENTS)).keys()];
  await runSome(40);
  const before = await series();
  await runSome(80);
  // What is done for the first time, such as a script that is seldom run, may add one for itself.
  const isOfWork = (name: string): boolean => !/_(script|transaction|http_request)_/.test(name);
  expect((await series()).filter((name) => !before.includes(name) && isOfWork(name))).toEqual([]);
});
