// Measures recording results: the demonstration's 11-task DAG, one engine, batches of 256, against bare SQL that only
// marks tasks done and counts dependencies down (no history, fencing, windows, retries). Both on the same server, each in
// a database of its own, every result with a small output. Leaves out: Redis, HTTP, parsing, two engines at once.
//
//   DATABASE_URL=postgres://… node bench/record-results.mjs [workflows=4000] [batch=256] [window=0 (unlimited)]
import { randomBytes } from "node:crypto";
import pg from "pg";
import { createPool, runMigrations, WorkflowStore } from "../dist/index.js";

const [workflowCount = 4000, batchSize = 256, window = 0] = process.argv.slice(2).map(Number);
const SERVER = process.env.DATABASE_URL;
if (!SERVER) throw new Error("Set DATABASE_URL to a PostgreSQL server where databases may be created.");

const TYPES = ["architects", "backend", "frontend", "qa"];
// [agent type, dependencies], as in the demonstration.
const DAG = [
  [0, []],
  [0, []],
  [1, [0]],
  [1, [1]],
  [1, [2]],
  [2, [2]],
  [2, [3, 5]],
  [2, [4, 5]],
  [3, [2, 3, 4]],
  [3, [5, 6, 7]],
  [3, [8, 9]],
];
const SUCCESSORS = DAG.map((_, at) => DAG.flatMap(([, dependsOn], task) => (dependsOn.includes(at) ? [task] : [])));
const OUTPUT = JSON.stringify({ ok: true, message: "done", value: 42 });
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

let sequence = 0;
const workflowId = () =>
  `0199${(sequence++).toString(16).padStart(4, "0")}-0000-7000-8000-${randomBytes(6).toString("hex")}`;

function plan(id) {
  const retry = { maxAttempts: 3, initialDelayMs: 500, factor: 2, maxDelayMs: 60_000 };
  const tasks = DAG.map(([type, dependsOn], position) => ({
    taskId: `task_${position}`,
    agentType: TYPES[type],
    handler: "noop",
    requires: [],
    input: '{"x":1}',
    dependsOn,
    successors: SUCCESSORS[position],
    remainingPath: DAG.length - position,
    timeoutMs: 600_000,
    retry,
  }));
  return { id, name: "bench", priority: 5, input: null, traceparent: TRACEPARENT, tasks };
}

async function withDatabase(name, work) {
  const admin = new pg.Client(SERVER);
  await admin.connect();
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.query(`create database ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  }
}

/** Feeds whatever is dispatched back as results, batch after batch, oldest first. */
async function drive(pending, record) {
  let recorded = 0;
  let inStore = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let head = 0; head < pending.length;) {
    const batch = pending.slice(head, head + batchSize);
    head += batch.length;
    recorded += batch.length;
    const start = performance.now();
    const dispatched = await record(batch, pending.length - head);
    inStore += performance.now() - start;
    for (const task of dispatched) pending.push(task);
  }
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  return {
    recorded,
    perSecond: Math.round(recorded / seconds),
    msPerBatch: +(inStore / (recorded / batchSize)).toFixed(2),
    clientMicrosecondsPerResult: +((user + system) / recorded).toFixed(1),
  };
}

const store = await withDatabase("hive_bench_store", async (url) => {
  await runMigrations(url);
  const pool = createPool({ url, applicationName: "bench", maxConnections: 1 });
  const workflows = new WorkflowStore(pool);
  const room = (inFlight) =>
    Object.fromEntries(
      TYPES.map((type) => [type, window === 0 ? 1e6 : Math.max(0, Math.floor((window - inFlight) / TYPES.length))]),
    );
  const pending = [];
  const began = performance.now();
  for (let left = workflowCount; left > 0; left -= 100) {
    const { dispatched } = await workflows.submit(
      Array.from({ length: Math.min(100, left) }, () => plan(workflowId())),
      { free: room(pending.length) },
    );
    pending.push(...dispatched);
  }
  const submitMs = performance.now() - began;
  const now = Date.now();
  const measured = await drive(pending, async (batch, inFlight) => {
    const results = batch.map((task) => ({
      workflowId: task.workflowId,
      position: task.position,
      attempt: task.attempt,
      agentType: task.agentType,
      outcome: { status: "succeeded", output: OUTPUT },
      agentId: "agent-backend-1",
      incarnation: "3f0e9b52-6a3c-4f8a-9a52-5b0d8d3f1f10",
      entryId: "1700000000000-0",
      startedAtMs: now,
      finishedAtMs: now + 3,
      runMs: 2.5,
    }));
    return (await workflows.recordBatch({ results }, room(inFlight))).dispatched;
  });
  const { tasks, workflows: states } = await workflows.statistics();
  const { rows } = await pool.query(
    `select relname, n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname in ('task', 'workflow')`,
  );
  await pool.end();
  if (states.succeeded !== workflowCount || tasks.live !== 0)
    throw new Error(`not finished: ${JSON.stringify({ states, tasks })}`);
  return {
    ...measured,
    tasksSubmittedPerSecond: Math.round((workflowCount * DAG.length * 1000) / submitMs),
    updates: rows,
  };
});

const BARE = `WITH r AS (SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[]) AS r(wf, idx, res)),
done AS (UPDATE task t SET state='done', finished_at=now(), result=r.res::jsonb FROM r WHERE t.wf=r.wf AND t.idx=r.idx AND t.state<>'done' RETURNING t.wf,t.idx,t.succ),
dec AS (SELECT d.wf, s.idx, count(*)::int n FROM done d, unnest(d.succ) s(idx) GROUP BY 1,2),
upd AS (UPDATE task t SET remaining=remaining-dec.n, state=CASE WHEN remaining=dec.n THEN 'ready' ELSE state END FROM dec WHERE t.wf=dec.wf AND t.idx=dec.idx RETURNING t.wf,t.idx,t.agent,t.remaining),
wfd AS (SELECT wf, count(*)::int n FROM done GROUP BY 1),
wfu AS (UPDATE wf SET done=done+wfd.n, finished_at=CASE WHEN done+wfd.n=total THEN now() END FROM wfd WHERE wf.id=wfd.wf RETURNING wf.id)
SELECT wf, idx, agent FROM upd WHERE remaining=0`;

const bare = await withDatabase("hive_bench_bare", async (url) => {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`create table wf (id bigint primary key, done int not null default 0, total int not null, finished_at timestamptz) with (fillfactor = 50);
    create table task (wf bigint, idx int, agent int, state text, remaining int, succ int[], result jsonb, finished_at timestamptz, primary key (wf, idx)) with (fillfactor = 50)`);
  await client.query("insert into wf (id, total) select n, $2 from generate_series(1, $1) n", [
    workflowCount,
    DAG.length,
  ]);
  await client.query(
    `insert into task (wf, idx, agent, state, remaining, succ) select n, d.idx, d.agent, case when d.remaining = 0 then 'ready' else 'waiting' end, d.remaining, d.succ::int[]
     from generate_series(1, $1) n, unnest($2::int[], $3::int[], $4::int[], $5::text[]) d(idx, agent, remaining, succ) order by n, d.idx`,
    [
      workflowCount,
      DAG.map((_, at) => at),
      DAG.map(([type]) => type),
      DAG.map(([, dependsOn]) => dependsOn.length),
      SUCCESSORS.map((list) => `{${list.join()}}`),
    ],
  );
  const pending = Array.from({ length: workflowCount }, (_, at) => [
    { wf: at + 1, idx: 0 },
    { wf: at + 1, idx: 1 },
  ]).flat();
  const measured = await drive(pending, async (batch) => {
    const values = [batch.map(({ wf }) => wf), batch.map(({ idx }) => idx), batch.map(() => OUTPUT)];
    return (await client.query({ name: "advance", text: BARE, values })).rows;
  });
  await client.end();
  return measured;
});

console.log(
  JSON.stringify(
    { workflowCount, batchSize, window, store, bare, ratio: +(store.perSecond / bare.perSecond).toFixed(2) },
    null,
    2,
  ),
);
