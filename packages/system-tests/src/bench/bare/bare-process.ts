/**
 * One process of the bare pipeline: `engine`, `router` or `agent`, as its argument says. It does what the hive's service
 * of that name does on a task's way, over the same kind of streams and tables, and nothing else: no checks, no
 * ownership, no tracing, no recovery. Three messages a task, everything in batches. It ends with whoever started it.
 */
import { Redis } from "ioredis";
import pg from "pg";
import { streamOf, type Dispatched, type Result } from "./messages.js";

const ENTRIES_AT_ONCE = 500;
const BLOCK_MS = 1_000;

type Entry = [id: string, fields: string[]];
type Pipelined = ReturnType<Redis["pipeline"]>;

const RECORD = `
  with result as (
    select * from unnest($1::bigint[], $2::integer[], $3::text[]) as r(workflow_id, position, output)
  ), done as (
    update task t set state = 'done', output = r.output, finished_at = clock_timestamp()
      from result r
     where t.workflow_id = r.workflow_id and t.position = r.position and t.state <> 'done'
    returning t.workflow_id, t.successors
  ), opened as (
    update task t
       set open_dependencies = t.open_dependencies - d.closed,
           state = case when t.open_dependencies = d.closed then 'ready' else t.state end
      from (select workflow_id, s.position, count(*)::integer as closed
              from done, unnest(successors) as s(position) group by 1, 2) d
     where t.workflow_id = d.workflow_id and t.position = d.position
    returning t.workflow_id, t.position, t.agent_type, t.open_dependencies
  ), counted as (
    update workflow w
       set done = w.done + d.done,
           finished_at = case when w.done + d.done = w.total then clock_timestamp() end
      from (select workflow_id, count(*)::integer as done from done group by 1) d
     where w.id = d.workflow_id
  )
  select workflow_id::text as "workflowId", position, agent_type as "agentType" from opened where open_dependencies = 0`;

const roles: Record<string, () => Promise<unknown>> = {
  engine: () => engine(new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 1 })),
  router: () => consume("dispatch", "routers", route),
  agent: () =>
    Promise.all(process.env["AGENT_TYPES"]!.split(",").map((type) => consume(streamOf(type), type, execute))),
};

process.once("disconnect", () => process.exit());
await roles[process.argv[2]!]!();
process.send!("ready");

function engine(database: pg.Pool): Promise<void> {
  return consume("results", "engines", async (entries, output) => {
    const results = entries.map((entry) => payloadOf<Result>(entry));
    const { rows } = await database.query<Pick<Dispatched, "workflowId" | "position" | "agentType">>({
      name: "record",
      text: RECORD,
      values: [
        results.map(({ workflowId }) => workflowId),
        results.map(({ position }) => position),
        results.map((result) => JSON.stringify(result.output)),
      ],
    });
    for (const row of rows) {
      const traceparent = results[0]!.traceparent;
      add(output, "dispatch", { ...row, attempt: 1, traceparent, input: { x: 1 } } satisfies Dispatched);
    }
  });
}

function route(entries: Entry[], output: Pipelined): void {
  for (const entry of entries) {
    const task = payloadOf<Dispatched>(entry);
    add(output, streamOf(task.agentType), { ...task, routedAt: Date.now() });
  }
}

function execute(entries: Entry[], output: Pipelined): void {
  for (const entry of entries) {
    const { workflowId, position, attempt, traceparent } = payloadOf<Dispatched>(entry);
    const done = { ok: true, at: Date.now() };
    add(output, "results", { workflowId, position, attempt, traceparent, output: done } satisfies Result);
  }
}

/** Makes the group, then hands over batch after batch; what the work adds goes out with the acknowledgement. */
async function consume(
  stream: string,
  group: string,
  work: (entries: Entry[], output: Pipelined) => Promise<void> | void,
): Promise<void> {
  const [reader, writer] = [new Redis(process.env["REDIS_URL"]!), new Redis(process.env["REDIS_URL"]!)];
  await reader.xgroup("CREATE", stream, group, "0", "MKSTREAM").catch(() => {}); // another process may have made it
  void (async () => {
    for (;;) {
      const read = (await reader.xreadgroup(
        ...(["GROUP", group, String(process.pid), "COUNT", ENTRIES_AT_ONCE] as const),
        ...(["BLOCK", BLOCK_MS, "STREAMS", stream, ">"] as const),
      )) as [stream: string, entries: Entry[]][] | null;
      const entries = read?.[0]?.[1];
      if (!entries) continue;
      const output = writer.pipeline();
      await work(entries, output);
      const ids = entries.map(([id]) => id);
      await output
        .xack(stream, group, ...ids)
        .xdel(stream, ...ids)
        .exec();
    }
  })();
}

function add(output: Pipelined, stream: string, message: object): void {
  output.xadd(stream, "*", "m", JSON.stringify(message));
}

function payloadOf<T>([, fields]: Entry): T {
  return JSON.parse(fields[1]!) as T;
}
