/**
 * The same work as the hive's with nothing around it, as the mark of what Node, Redis Streams and PostgreSQL reach on the
 * machine at hand: one engine, one router, agents that serve all types, and this driver.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import type { Pipeline } from "../pipeline.js";
import type { Processes } from "../process-usage.js";
import { type Dispatched } from "./messages.js";

const AGENT_TYPES = "architects,backend,frontend,qa";
const PROGRAM = join(import.meta.dirname, "bare-process.js");
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const TABLES = `
  create table workflow (
    id bigint primary key, total integer not null, done integer not null default 0,
    created_at timestamptz not null default clock_timestamp(), finished_at timestamptz
  ) with (fillfactor = 50);
  create table task (
    workflow_id bigint, position integer, agent_type text not null, state text not null,
    open_dependencies integer not null, successors integer[] not null, output text, finished_at timestamptz,
    primary key (workflow_id, position)
  ) with (fillfactor = 50)`;

const SUBMIT = `
  with submitted as (
    insert into workflow (id, total) select id, cardinality($2::integer[]) from unnest($1::bigint[]) as w(id)
  )
  insert into task (workflow_id, position, agent_type, state, open_dependencies, successors)
  select w.id, t.position, t.agent_type, case when t.dependencies = 0 then 'ready' else 'waiting' end, t.dependencies,
         t.successors::integer[]
    from unnest($1::bigint[]) as w(id),
         unnest($2::integer[], $3::text[], $4::integer[], $5::text[]) as t(position, agent_type, dependencies, successors)`;

export class BarePipeline implements Pipeline {
  readonly idType = "bigint";
  private lastId = 0;

  private constructor(
    readonly database: pg.Pool,
    private readonly redis: Redis,
    private readonly children: Record<string, ChildProcess>,
  ) {}

  /** @param databaseUrl an empty database. */
  static async start(databaseUrl: string, redisUrl: string, agents: number): Promise<BarePipeline> {
    const database = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    await database.query(TABLES);
    const env = { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, AGENT_TYPES };
    const names = ["engine", "router", ...Array.from({ length: agents }, (_, index) => `agent-${index + 1}`)];
    const children = Object.fromEntries(
      names.map((name) => [`bare-${name}`, fork(PROGRAM, [name.replace(/-\d+$/, "")], { env, execArgv: [] })]),
    );
    await Promise.all(Object.values(children).map((child) => once(child, "message")));
    return new BarePipeline(database, new Redis(redisUrl), children);
  }

  async submit({ tasks = [] }: WorkflowDefinitionInput, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => String(++this.lastId));
    const positions = new Map(tasks.map(({ id }, position) => [id, position]));
    const successors: number[][] = tasks.map(() => []);
    tasks.forEach(({ dependsOn = [] }, position) =>
      dependsOn.forEach((id) => successors[positions.get(id)!]!.push(position)),
    );
    await this.database.query({
      name: "submit",
      text: SUBMIT,
      values: [
        ids,
        tasks.map((_, position) => position),
        tasks.map(({ agentType }) => agentType),
        tasks.map(({ dependsOn = [] }) => dependsOn.length),
        successors.map((list) => `{${list.join(",")}}`),
      ],
    });
    const roots = tasks.flatMap((task, position) => (task.dependsOn?.length ? [] : [{ ...task, position }]));
    const output = this.redis.pipeline();
    for (const workflowId of ids)
      for (const { position, agentType } of roots) {
        const task: Dispatched = {
          workflowId,
          position,
          agentType,
          attempt: 1,
          traceparent: TRACEPARENT,
          input: { x: 1 },
        };
        output.xadd("dispatch", "*", "m", JSON.stringify(task));
      }
    await output.exec();
    return ids;
  }

  processes(): Processes {
    return Object.fromEntries(Object.entries(this.children).map(([name, { pid }]) => [name, pid!]));
  }

  async stop(): Promise<void> {
    const running = Object.values(this.children).filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    const ends = running.map((child) => once(child, "exit"));
    for (const child of running) child.disconnect();
    await Promise.all(ends);
    this.redis.disconnect();
    await this.database.end();
  }
}
