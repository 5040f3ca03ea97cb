import { judged, type Finding } from "../../validation/check.js";
import type { Examined } from "../patient.js";

/** Engines look every second for tasks whose time is over, and wait five more: after this long something is wrong. */
const LATE_SECONDS = 60;
/** A task that was dispatched so long ago and is nowhere in Redis was not found by the sweeper. */
const UNKNOWN_AFTER_SECONDS = 60;
const LOOKED_AT = 1000;
const RECENT_HOURS = 24;

export const overdueCheck: Examined = {
  id: "overdue-tasks",
  title: "Tasks whose time is over",
  severity: "needed",
  wanted: `none for more than ${LATE_SECONDS} s`,
  run: async ({ stores }) => {
    const { rows } = await stores!.pool.query<OverdueTasks>(
      `select count(*)::integer as count, min(t.workflow_id::text) as example
         from workflow w join task t on t.workflow_id = w.id
        where w.state = 'running' and t.state = 'dispatched'
          and t.dispatched_at < clock_timestamp() - interval '1 millisecond' * t.timeout_ms - interval '${LATE_SECONDS} s'`,
    );
    return judgeOverdue(rows[0]!);
  },
};

interface OverdueTasks {
  count: number;
  /** A workflow with one of them. */
  example: string | null;
}

export function judgeOverdue({ count, example }: OverdueTasks): Finding {
  return judged(
    count === 0,
    count === 0 ? "none" : `${count}, for example of workflow ${example}`,
    "Engines end them: see whether one runs and what it logs. Behind a queue of results they wait for these first (hive groups).",
    [{ name: "overdue tasks", value: count, unit: "1" }],
  );
}

export const unknownTasksCheck: Examined = {
  id: "unknown-tasks",
  title: "What PostgreSQL calls dispatched is in Redis",
  severity: "needed",
  wanted: `every task that was dispatched more than ${UNKNOWN_AFTER_SECONDS} s ago`,
  run: async ({ stores }) => {
    const { rows } = await stores!.pool.query<{ agentType: string; taskKey: string }>(
      `select t.agent_type as "agentType", t.workflow_id || ':' || t.position as "taskKey"
         from workflow w join task t on t.workflow_id = w.id
        where w.state = 'running' and t.state = 'dispatched'
          and t.dispatched_at < clock_timestamp() - interval '${UNKNOWN_AFTER_SECONDS} s'
        order by t.dispatched_at limit ${LOOKED_AT}`,
    );
    const unknown = await stores!.withoutIndex(rows);
    return judgeUnknown(rows.length, unknown);
  },
};

/** @param unknown the keys of tasks of which Redis knows nothing. */
export function judgeUnknown(lookedAt: number, unknown: string[]): Finding {
  return judged(
    unknown.length === 0,
    unknown.length === 0
      ? `${lookedAt} looked at`
      : `${unknown.length} of ${lookedAt} are not, for example ${unknown[0]}`,
    "An engine's sweeper publishes them again within seconds: see whether an engine runs, and whether it uses this Redis and this HIVE_KEY_PREFIX.",
    [{ name: "tasks unknown to Redis", value: unknown.length, unit: "1" }],
  );
}

export const deadLettersCheck: Examined = {
  id: "dead-letters",
  title: `Dead letters of the last ${RECENT_HOURS} hours`,
  severity: "advised",
  wanted: "none",
  run: async ({ stores }) => {
    const { rows } = await stores!.pool.query<{ reason: string; count: number }>(
      `select reason, count(*)::integer as count from dead_letter
        where created_at > clock_timestamp() - interval '${RECENT_HOURS} h' group by reason order by reason`,
    );
    return judgeDeadLetters(rows);
  },
};

export function judgeDeadLetters(reasons: { reason: string; count: number }[]): Finding {
  return judged(
    reasons.length === 0,
    reasons.length === 0 ? "none" : reasons.map(({ reason, count }) => `${count} ${reason}`).join(", "),
    "GET /v1/dead-letters has each with its message; docs/runbooks/HiveDeadLetters.md tells what the reasons mean.",
    reasons.map(({ reason, count }) => ({ name: `dead letters ${reason}`, value: count, unit: "1" })),
  );
}
