/** The hive broken in one way each, and the scenario in which that shows. */
import { join, resolve } from "node:path";
import type { Invariant } from "../history/checker/verdict.js";
import type { Edit } from "./apply-edits.js";
import type { ScenarioName } from "./scenarios.js";

/** Names the mutant that a service is to be; see hook.ts. */
export const MUTANT_VARIABLE = "HIVE_MUTANT";
/** packages/system-tests/dist/mutants → the repository. */
export const REPOSITORY = resolve(import.meta.dirname, "..", "..", "..", "..");

export interface Mutant {
  name: string;
  /** What it does wrong. */
  what: string;
  edits: Edit[];
  scenario: ScenarioName;
  /** One of these is found violated. */
  shows: Invariant[];
  /** Among those that are run with all tests; the others with the script only. */
  inTests?: boolean;
}

const lua = (script: string, find: string, replace: string): Edit =>
  edit(`packages/streams/dist/lua/${script}.lua`, find, replace);
const sql = (statement: string, find: string, replace: string): Edit =>
  edit(`packages/persistence/dist/sql/${statement}.sql`, find, replace);
const engine = (module: string, find: string, replace: string): Edit =>
  edit(`apps/workflow-engine/dist/${module}.js`, find, replace);
const agent = (module: string, find: string, replace: string): Edit =>
  edit(`packages/agent-sdk/dist/${module}.js`, find, replace);

function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

const RECORDS_WHATEVER_THE_STATE: Edit[] = [
  sql("end-attempts", "and t.attempt = r.attempt and t.state = 'dispatched'", "and t.attempt = r.attempt"),
  sql(
    "end-attempts",
    "    from settled s\n  ), delayed as",
    "    from settled s\n    on conflict do nothing\n  ), delayed as",
  ),
];

/** PostgreSQL reads the row that is updated again after a wait, but not what it is joined with. */
const OPENS_BY_WHAT_WAS_READ: Edit[] = [
  sql(
    "open-successors",
    "from unnest(workflows, places, open_successors.closed) as c(workflow_id, position, closed)",
    `from (
      select u.*, o.open_dependencies as open
      from unnest(workflows, places, open_successors.closed) as u(workflow_id, position, closed)
      join task o on o.workflow_id = any (array[u.workflow_id]) and o.position = u.position
    ) as c`,
  ),
  sql("open-successors", "t.open_dependencies - c.closed", "c.open - c.closed"),
  sql("open-successors", "t.open_dependencies > c.closed", "c.open > c.closed"),
  sql("open-successors", "t.attempt + (t.open_dependencies =", "t.attempt + (c.open ="),
  sql("open-successors", "dispatched_at = case when t.open_dependencies =", "dispatched_at = case when c.open ="),
];

export const MUTANTS: readonly Mutant[] = [
  {
    name: "acknowledge-before-commit",
    what: "The engine acknowledges its input, and then records it.",
    edits: [
      engine(
        "advancing/results-consumer",
        "const recorded = await this.commit(entries, batch);",
        "await this.executor.publish({}, { ...this.address, ids: entries.map(({ id }) => id) }); const recorded = await this.commit(entries, batch);",
      ),
    ],
    scenario: "agentsKilled",
    shows: ["I6"],
    inTests: true,
  },
  {
    name: "unknown-outcome-is-success",
    what: "When the outcome of a commit is not known, the engine takes it for done.",
    edits: [engine("advancing/results-consumer", "throw error;", "return [{ dispatched: [], settled: [] }];")],
    scenario: "databaseCutOff",
    shows: ["I6"],
    inTests: true,
  },
  {
    name: "no-attempt-fence-in-sql",
    what: "PostgreSQL records a result without comparing its attempt with the current one.",
    edits: [sql("end-attempts", "and t.attempt = r.attempt and t.state = 'dispatched'", "and t.state = 'dispatched'")],
    scenario: "entriesRepeated",
    shows: ["I2", "I3"],
    inTests: true,
  },
  {
    name: "recorded-twice",
    what: "PostgreSQL records a result again when it comes again.",
    edits: RECORDS_WHATEVER_THE_STATE,
    scenario: "entriesRepeated",
    shows: ["I2", "I8"],
  },
  {
    name: "records-after-cancelling",
    what: "PostgreSQL records the result of a task that was cancelled.",
    edits: RECORDS_WHATEVER_THE_STATE,
    scenario: "workflowCancelled",
    shows: ["I4"],
  },
  {
    name: "cancellation-not-checked-at-start",
    what: "Agents start what was cancelled.",
    edits: [
      agent("delivery/agent-loop", "return this.cancellations.cover(envelope.taskKey);", "return false;"),
      lua("begin-tasks", "elseif current[i] ~= ARGV[a + 2] then", "elseif false then"),
    ],
    scenario: "workflowCancelled",
    shows: ["I4"],
  },
  {
    name: "begins-what-is-settled",
    what: "begin-tasks.lua does not compare the attempt with the index.",
    edits: [lua("begin-tasks", "elseif current[i] ~= ARGV[a + 2] then", "elseif false then")],
    scenario: "entriesRepeated",
    shows: ["I3"],
  },
  {
    name: "owner-not-checked-on-completion",
    what: "complete-tasks.lua takes results from whoever sends them.",
    edits: [lua("complete-tasks", "if owned[id] then", "if true then")],
    scenario: "groupDestroyed",
    shows: ["I3"],
    inTests: true,
  },
  {
    name: "group-recreated-at-the-end",
    what: "A group that is made anew begins at the end of its stream.",
    edits: [lua("recreate-group", "ARGV[2], '0', 'MKSTREAM'", "ARGV[2], '$', 'MKSTREAM'")],
    scenario: "groupDestroyed",
    shows: ["I1"],
  },
  {
    name: "dead-set-not-checked",
    what: "Scripts obey whoever was declared dead, and it does not learn of it.",
    edits: [
      lua("preamble", "if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 1 then return 'DEAD' end", ""),
      edit(
        "packages/streams/dist/group-consumer.js",
        "(await this.manager.deadAmong([incarnation])).size > 0",
        "false",
      ),
      edit("packages/streams/dist/hive-member.js", "async renew(why) {", "async renew(why) { return;"),
    ],
    scenario: "onlyAgentFrozen",
    shows: ["I3"],
  },
  {
    name: "epoch-not-checked",
    what: "Scripts obey whoever expects an epoch that was lost.",
    edits: [lua("preamble", "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'EPOCH' end", "")],
    scenario: "redisWiped",
    shows: ["I3"],
    inTests: true,
  },
  {
    name: "no-new-attempt-after-a-wipe",
    what: "What was lost with Redis is dispatched again at the same attempt.",
    edits: [sql("redispatch-lost", "set attempt = t.attempt + 1, dispatched_at = at", "set dispatched_at = at")],
    scenario: "redisWiped",
    shows: ["I1", "I2", "I3"],
  },
  {
    name: "claims-from-the-living",
    what: "claim-entries.lua takes entries from consumers that nobody has declared dead.",
    edits: [
      lua(
        "claim-entries",
        "for _, consumer in ipairs(redis.call('SMEMBERS', KEYS[4])) do",
        "local all = redis.call('SMEMBERS', KEYS[4]) for _, each in ipairs(redis.call('HKEYS', (KEYS[2]:gsub('hive:dead$', 'hive:incarnations')))) do all[#all + 1] = each end for _, consumer in ipairs(all) do",
      ),
      lua(
        "claim-entries",
        "if redis.call('SISMEMBER', KEYS[2], consumer) == 1 then claim_from(consumer) end",
        "if consumer ~= ARGV[2] then claim_from(consumer) end",
      ),
    ],
    scenario: "oneAgentKilled",
    shows: ["I3"],
    inTests: true,
  },
  {
    name: "consumer-removed-with-entries",
    what: "remove-consumer.lua does not look whether the consumer holds anything.",
    edits: [lua("remove-consumer", "if pending > 0 then", "if false then")],
    scenario: "agentsKilled",
    shows: ["I7"],
    inTests: true,
  },
  {
    name: "work-stream-trimmed",
    what: "The dispatch stream keeps one entry at most.",
    edits: [
      lua(
        "publish-and-acknowledge",
        "redis.call('XADD', KEYS[4], '*',",
        "redis.call('XADD', KEYS[4], 'MAXLEN', '1', '*',",
      ),
    ],
    scenario: "routerStalled",
    shows: ["I1", "I7"],
  },
  {
    name: "published-without-index",
    what: "Publishing does not note what is in flight.",
    edits: [lua("publish-and-acknowledge", "redis.call('HSET', KEYS[k], unpack(change.fresh))", "do end")],
    scenario: "agentsKilled",
    shows: ["I1"],
  },
  {
    name: "index-forgotten-at-completion",
    what: "The agent's completion removes the field of the index, rather than the engine when it has recorded the result.",
    edits: [
      lua(
        "complete-tasks",
        "redis.call('HSET', KEYS[5], unpack(done))",
        "for i = 1, #done, 2 do redis.call('HDEL', KEYS[5], done[i]) end",
      ),
    ],
    scenario: "recordingHeldUp",
    shows: ["I3"],
  },
  {
    name: "sweeper-never-runs",
    what: "Nobody compares PostgreSQL with what is in flight.",
    edits: [
      engine(
        "recovery/in-flight-sweeper",
        "async runOnce() {",
        "async runOnce() { return { dropped: 0, republished: 0 };",
      ),
    ],
    scenario: "streamDeleted",
    shows: ["I1"],
  },
  {
    name: "sweeper-grants-attempts",
    what: "The sweeper publishes lost tasks at an attempt that PostgreSQL never granted.",
    edits: [
      engine(
        "recovery/in-flight-sweeper",
        "this.executor.publish({ dispatched, again: true })",
        "this.executor.publish({ dispatched: dispatched.map((task) => ({ ...task, attempt: task.attempt + 1 })) })",
      ),
    ],
    scenario: "streamDeleted",
    shows: ["I1", "I3"],
  },
  {
    name: "own-entries-not-read-again",
    what: "After a reconnection a consumer does not look what it was handed.",
    edits: [
      edit(
        "packages/streams/dist/group-consumer.js",
        "const own = await this.reader.readOwn(incarnation);",
        "const own = [];",
      ),
    ],
    scenario: "replyLost",
    shows: ["I1"],
    inTests: true,
  },
  {
    name: "failed-task-opens-successors",
    what: "A task that failed and is to be tried again counts as a dependency that is met.",
    edits: [
      sql("end-attempts", "      where s.state = 'succeeded'\n", "      where s.state in ('succeeded', 'delayed')\n"),
    ],
    scenario: "agentsKilled",
    shows: ["I4"],
    inTests: true,
  },
  {
    name: "idempotency-key-ignored",
    what: "The same key is accepted as often as it comes.",
    edits: [sql("submit-workflows", "if submit_workflows.idempotency_key is not null then", "if false then")],
    scenario: "agentsKilled",
    shows: ["I5"],
    inTests: true,
  },
  {
    name: "joins-by-an-old-snapshot",
    what: "Successors are opened by what was read in the statement that waits for them, as it was before the wait.",
    edits: [
      ...OPENS_BY_WHAT_WAS_READ,
      sql("record-results", "at timestamptz := lock_workflows(workflow_ids);", "at timestamptz := clock_timestamp();"),
      sql("record-results", "  concluded := conclude_workflows(ends.workflows, ends.places, ends.states, at);\n", ""),
      sql(
        "record-results",
        "  if 0 < any (waiting_room) then",
        "  concluded := conclude_workflows(ends.workflows, ends.places, ends.states, at);\n  if 0 < any (waiting_room) then",
      ),
    ],
    scenario: "joinsRaced",
    shows: ["I1"],
  },
];

export const hookOf = (): string => `--import=${new URL(`file://${join(import.meta.dirname, "hook.js")}`).href}`;

/** @throws Error naming all there are. */
export function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant) return mutant;
  throw new Error(`There is no mutant "${name}". There are: ${MUTANTS.map((each) => each.name).join(", ")}.`);
}
