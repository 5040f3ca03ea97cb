/**
 * Every metric of our own, declared once. What services record, what `/metrics` tells and what docs/telemetry.md lists come from
 * here. Names follow Prometheus: base units, `_total` for counters. Labels have few values, which the installation knows
 * beforehand: never an id.
 */

/** Who has it. `every` are all services with HTTP. */
type Owner = "every" | "workflow-engine" | "router" | "group-coordinator" | "agents";

interface Metric {
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  owner: Owner;
  /** Upper bounds, in seconds. */
  buckets?: readonly number[];
}

/** A statement, a script, a request. */
const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** A task, a workflow. */
const LONG = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

export const METRICS = {
  hive_http_request_duration_seconds: {
    type: "histogram",
    help: "HTTP requests that were answered, by route.",
    labels: ["method", "route", "status"],
    owner: "every",
    buckets: SHORT,
  },
  hive_check_up: {
    type: "gauge",
    help: "1 if the part works that the service needs, as /health/ready tells.",
    labels: ["check"],
    owner: "every",
  },
  hive_redis_script_duration_seconds: {
    type: "histogram",
    help: "Round trips of scripts to Redis that were answered.",
    labels: ["script"],
    owner: "every",
    buckets: SHORT,
  },
  hive_redis_script_failures_total: {
    type: "counter",
    help: "Scripts that Redis refused or did not answer in time.",
    labels: ["script"],
    owner: "every",
  },
  hive_claimed_entries_total: {
    type: "counter",
    help: "Entries taken over from processes that died.",
    labels: ["group"],
    owner: "every",
  },
  hive_transaction_duration_seconds: {
    type: "histogram",
    help: "Transactions in PostgreSQL that were committed.",
    labels: ["transaction"],
    owner: "workflow-engine",
    buckets: SHORT,
  },
  hive_transaction_failures_total: {
    type: "counter",
    help: "Transactions in PostgreSQL that failed, or whose outcome is not known.",
    labels: ["transaction"],
    owner: "workflow-engine",
  },
  hive_workflows_submitted_total: {
    type: "counter",
    help: "Workflows that were accepted.",
    labels: [],
    owner: "workflow-engine",
  },
  hive_workflows_finished_total: {
    type: "counter",
    help: "Workflows that ended, by how.",
    labels: ["state"],
    owner: "workflow-engine",
  },
  hive_tasks_dispatched_total: {
    type: "counter",
    help: "Attempts that were handed to the router.",
    labels: ["agent_type"],
    owner: "workflow-engine",
  },
  hive_results_total: {
    type: "counter",
    help: "Results by verdict: applied, duplicate, fenced (late, refused), cancelled or unknown.",
    labels: ["verdict"],
    owner: "workflow-engine",
  },
  hive_attempts_total: {
    type: "counter",
    help: "Attempts whose result was applied, by what they came to.",
    labels: ["agent_type", "outcome"],
    owner: "workflow-engine",
  },
  hive_attempt_duration_seconds: {
    type: "histogram",
    help: "How long the handlers of applied results ran.",
    labels: ["agent_type"],
    owner: "workflow-engine",
    buckets: LONG,
  },
  hive_crashed_deliveries_total: {
    type: "counter",
    help: "Deliveries that had begun when their process died.",
    labels: ["agent_type"],
    owner: "workflow-engine",
  },
  hive_dead_letters_total: {
    type: "counter",
    help: "Entries that nobody could process, set aside.",
    labels: ["reason"],
    owner: "workflow-engine",
  },
  hive_in_flight_tasks: {
    type: "gauge",
    help: "Tasks that are in Redis or about to be, as this engine sees it.",
    labels: ["agent_type"],
    owner: "workflow-engine",
  },
  hive_window_free_tasks: {
    type: "gauge",
    help: "Tasks that this engine would still dispatch at the moment.",
    labels: ["agent_type"],
    owner: "workflow-engine",
  },
  hive_backlog_tasks: {
    type: "gauge",
    help: "Ready tasks that wait in PostgreSQL, at the last look.",
    labels: [],
    owner: "workflow-engine",
  },
  hive_routed_tasks_total: {
    type: "counter",
    help: "Tasks that came to the router, by what became of them: routed, dead_lettered, stale or lost.",
    labels: ["outcome"],
    owner: "router",
  },
  hive_leader: {
    type: "gauge",
    help: "1 if this coordinator leads.",
    labels: [],
    owner: "group-coordinator",
  },
  hive_group_consumers: {
    type: "gauge",
    help: "Consumers that live. Only the leader tells what groups look like.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_group_slots: {
    type: "gauge",
    help: "Tasks that the consumers can have at once.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_group_stream_entries: {
    type: "gauge",
    help: "Entries of the group's stream: waiting or in a consumer's hands.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_group_pending_entries: {
    type: "gauge",
    help: "Entries in consumers' hands.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_group_waiting_entries: {
    type: "gauge",
    help: "Entries that no consumer has been given yet: the lag.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_group_oldest_waiting_seconds: {
    type: "gauge",
    help: "For how long entries have been waiting without any being taken; 0 while none waits or some are taken.",
    labels: ["group"],
    owner: "group-coordinator",
  },
  hive_members_declared_dead_total: {
    type: "counter",
    help: "Processes that were declared dead by this coordinator, by whether they crashed or froze.",
    labels: ["service", "kind"],
    owner: "group-coordinator",
  },
  hive_agent_slots: {
    type: "gauge",
    help: "Tasks that this process can have at once.",
    labels: ["agent_type"],
    owner: "agents",
  },
  hive_agent_running_tasks: {
    type: "gauge",
    help: "Tasks that run in this process.",
    labels: ["agent_type"],
    owner: "agents",
  },
  hive_agent_results_total: {
    type: "counter",
    help: "Results of this process: completed (taken), lost (refused: others have the task) or dead_lettered.",
    labels: ["agent_type", "outcome"],
    owner: "agents",
  },
} as const satisfies Record<`hive_${string}`, Metric>;

export type MetricName = keyof typeof METRICS;
type NamesOf<Type> = { [Name in MetricName]: (typeof METRICS)[Name]["type"] extends Type ? Name : never }[MetricName];
export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]["labels"][number], string>>;
