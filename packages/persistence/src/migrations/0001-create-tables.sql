-- 0001-create-tables.sql: the tables of one hive. Breaks nothing: it is the first.
--
-- Hot rows are workflow and task: every task is updated three to five times in its life. Two rules keep those updates
-- HOT (no index entry is written): pages are left half empty, and no index, not even a partial one's condition, names a
-- column that changes. So ready and delayed tasks are found through small queue tables of their own, which only tasks
-- that have to wait pass through. There are no foreign keys and no triggers between hot tables: the functions that write
-- them lock the workflow first.
--
-- Inputs, outputs, errors and checkpoints are JSON kept as text: nothing here looks into them, so neither their nesting
-- depth nor a \u0000 in them can make PostgreSQL refuse a batch.

create type workflow_state as enum ('running', 'succeeded', 'failed', 'cancelled');

create type task_state as enum
  ('waiting', 'ready', 'delayed', 'dispatched', 'succeeded', 'failed', 'cancelled', 'dead');

create type attempt_outcome as enum
  ('succeeded', 'failed', 'timed-out', 'dead-letter', 'cancelled', 'crashed', 'frozen', 'lost', 'fenced');

-- One row. epoch: what Redis should carry; what was dispatched before epoch_began was lost with the Redis of then.
-- functions_sha256: which text of src/sql the functions were made from.
create table hive_state (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null,
  epoch_began timestamptz not null,
  functions_sha256 text
);
insert into hive_state (epoch, epoch_began) values (1, clock_timestamp());

-- What migrations did. A release refuses a database with a breaking change that it does not know.
create table schema_change (
  version integer primary key,
  purpose text not null,
  breaking boolean not null,
  applied_at timestamptz not null default clock_timestamp()
);

-- total = succeeded + failed + cancelled + dead + live (I8); live is not stored.
create table workflow (
  id uuid primary key,
  created_at timestamptz not null,
  finished_at timestamptz,
  total integer not null,
  succeeded integer not null default 0,
  failed integer not null default 0,
  cancelled integer not null default 0,
  dead integer not null default 0,
  failed_position integer,
  priority smallint not null,
  state workflow_state not null default 'running',
  name text not null,
  traceparent text not null,
  tracestate text,
  input text
) with (fillfactor = 50);
-- Lists by state, and the sweeps over what runs. Costs one index entry when a workflow ends.
create index workflow_by_state on workflow (state, id);

-- position: place in the submitted order, from 0. successors: positions that wait for this task. charged: attempts that
-- failed by their own fault. checkpoint: the newest, by (checkpoint_attempt, checkpoint_sequence).
create table task (
  workflow_id uuid not null,
  position integer not null,
  open_dependencies integer not null,
  attempt integer not null default 0,
  charged integer not null default 0,
  crashes integer not null default 0,
  crashes_alone integer not null default 0,
  dispatched_at timestamptz,
  due_at timestamptz,
  finished_at timestamptz,
  remaining_path double precision not null,
  factor double precision not null,
  timeout_ms integer not null,
  max_attempts integer not null,
  initial_delay_ms integer not null,
  max_delay_ms integer not null,
  state task_state not null,
  priority smallint not null,
  task_id text not null,
  agent_type text not null,
  handler text not null,
  requires text[] not null,
  successors integer[] not null,
  input text,
  checkpoint_attempt integer,
  checkpoint_sequence bigint,
  checkpoint text,
  artifact_bytes bigint,
  artifact_sha256 text,
  output text,
  error text,
  primary key (workflow_id, position)
) with (fillfactor = 50);
-- Names are looked up among the tasks of one workflow; of most workflows the primary key finds these few at once, so only
-- what is far down a large one has an index entry more to write. Two tasks of one name are refused before they get here.
create index task_by_name on task (workflow_id, task_id) where position >= 1000;

-- Ready tasks beyond the windows, in the order in which they go out.
create table ready_queue (
  workflow_id uuid not null,
  position integer not null,
  remaining_path double precision not null,
  priority smallint not null,
  agent_type text not null,
  primary key (workflow_id, position)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index ready_queue_in_order on ready_queue
  (agent_type, priority desc, remaining_path desc, workflow_id, position);

-- Failed tasks that are tried again later.
create table delayed_queue (
  workflow_id uuid not null,
  position integer not null,
  due_at timestamptz not null,
  primary key (workflow_id, position)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index delayed_queue_in_order on delayed_queue (due_at);

-- How attempts ended, and what befell their deliveries. delivery is '' for the one end of an attempt (I2); for a
-- delivery that was lost or fenced it says which, so that hearing of it again adds nothing.
create table attempt_history (
  workflow_id uuid not null,
  position integer not null,
  attempt integer not null,
  delivery text not null default '',
  outcome attempt_outcome not null,
  dispatched_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  run_ms double precision,
  recorded_at timestamptz not null,
  agent_id text,
  incarnation text,
  entry_id text,
  error text,
  primary key (workflow_id, position, attempt, delivery)
);

-- Entries that nobody could process. Unique by entry, so that hearing of it again adds nothing.
create table dead_letter (
  id bigint generated always as identity primary key,
  workflow_id uuid,
  position integer,
  attempt integer,
  reason text not null,
  message text not null,
  stream text not null,
  entry_id text not null,
  incarnation text,
  agent_id text,
  fields text not null,
  created_at timestamptz not null,
  unique (stream, entry_id)
);

-- One row per idempotency key (I5).
create table submission (
  idempotency_key text primary key,
  request_sha256 text not null,
  workflow_ids uuid[] not null,
  created_at timestamptz not null
);

-- Large outputs by the SHA-256 of their bytes.
create table artifact (
  sha256 text primary key,
  content bytea not null,
  created_at timestamptz not null default clock_timestamp()
);

-- What the functions of src/sql hand to each other.
create type task_key as (workflow_id uuid, position integer);
create type finished_workflow as (id uuid, state workflow_state);
-- One attempt that is over; due_at and successors where they matter, was_dispatched if its message may be about.
create type ended_task as (
  workflow_id uuid,
  position integer,
  task_id text,
  agent_type text,
  attempt integer,
  state task_state,
  due_at timestamptz,
  was_dispatched boolean,
  successors integer[],
  ordinal integer
);
