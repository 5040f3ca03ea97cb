/** What PostgreSQL has recorded, judged: the primary record of what happened, whatever anybody says of it. */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** What is wrong, in words with the names in them; empty if nothing is. */
export type Violations = string[];

const LOOK_MS = 50;
/** At most so many of a kind are told. */
const TOLD = 10;

const QUESTIONS = {
  /** I2 */
  "was recorded as succeeded more than once": `
    select workflow_id || ':' || position as what from attempt_history
    where outcome = 'succeeded' group by workflow_id, position having count(*) > 1`,
  /** I2 */
  "succeeded without a record of it": `
    select t.workflow_id || ':' || t.position as what from task t where t.state = 'succeeded' and not exists (
      select from attempt_history h where h.workflow_id = t.workflow_id and h.position = t.position
        and h.attempt = t.attempt and h.outcome = 'succeeded' and h.delivery = '')`,
  /** I8 */
  "does not add up": `
    select w.id::text as what from workflow w
    left join lateral (select count(*) as total, count(*) filter (where state = 'succeeded') as succeeded
                       from task t where t.workflow_id = w.id) n on true
    where w.total <> n.total or w.succeeded <> n.succeeded
       or (w.state <> 'running' and w.total <> w.succeeded + w.failed + w.cancelled + w.dead)`,
  "was charged with a crash": `
    select workflow_id || ':' || position as what from task where crashes > 0 or charged > 0`,
  /** I4 */
  "was dispatched before what it depends on was recorded": `
    select s.workflow_id || ':' || s.position as what
    from task t cross join unnest(t.successors) as n(position)
    join task s on s.workflow_id = t.workflow_id and s.position = n.position
    join attempt_history h on h.workflow_id = t.workflow_id and h.position = t.position and h.outcome = 'succeeded'
    where s.dispatched_at < h.recorded_at`,
};

export class Ledger {
  private constructor(private readonly client: pg.Client) {}

  static async open(databaseUrl: string): Promise<Ledger> {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on("error", () => undefined);
    await client.connect();
    return new Ledger(client);
  }

  /** Breaches of what must hold whatever stores do; nobody of whom it is asked has crashed by itself. */
  async violations(): Promise<Violations> {
    const found: Violations = [];
    for (const [wrong, question] of Object.entries(QUESTIONS)) {
      const rows = await this.rows<{ what: string }>(question);
      found.push(...rows.slice(0, TOLD).map(({ what }) => `${what} ${wrong}`));
      if (rows.length > TOLD) found.push(`… and ${rows.length - TOLD} more that ${wrong}`);
    }
    return found;
  }

  /**
   * Waits until everything has ended, then judges: exactly these workflows exist, all of them succeeded, and nothing is
   * in breach. The seam for a fuller checker.
   */
  async judge(expected: { workflows: number; tasks: number; withinMs: number }): Promise<Violations> {
    const ended = "select from workflow where state = 'running' limit 1";
    const deadline = performance.now() + expected.withinMs;
    while ((await this.rows(ended)).length > 0 && performance.now() < deadline) await delay(LOOK_MS);
    const [found] = await this.rows<{ workflows: number; unfinished: number; tasks: number }>(
      `select count(*)::integer as workflows, (count(*) filter (where state <> 'succeeded'))::integer as unfinished,
              coalesce(sum(succeeded), 0)::integer as tasks from workflow`,
    );
    const wrong = await this.violations();
    if (found!.workflows !== expected.workflows) {
      wrong.push(`${found!.workflows} workflows are stored, ${expected.workflows} were accepted`);
    }
    if (found!.unfinished > 0) wrong.push(`${found!.unfinished} workflows have not succeeded`);
    if (found!.tasks !== expected.tasks) wrong.push(`${found!.tasks} of ${expected.tasks} tasks have succeeded`);
    return wrong;
  }

  /** Attempts by outcome. */
  async outcomes(): Promise<Record<string, number>> {
    const rows = await this.rows<{ outcome: string; n: number }>(
      "select outcome, count(*)::integer as n from attempt_history group by outcome",
    );
    return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]));
  }

  async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
