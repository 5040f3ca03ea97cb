-- record-crashes.sql: notes deliveries that were lost with their process, charges crashes to their tasks while they live,
-- and sets tasks aside that crashed too often while nothing ran beside them (POISON). Each delivery counts once, however
-- often it is heard of.
-- The arrays run in parallel, one element a delivery. charged: the process crashed, rather than fell silent. streams: where
-- the entry is. crash_limit: crashes alone that make a dead letter.
-- Returns one row: ended (tasks set aside, and those cancelled with them), finished (workflows).
create or replace function record_crashes(
  workflow_ids uuid[], positions integer[], attempts integer[], entry_ids text[], incarnations text[],
  alone boolean[], charged boolean[], started_ats_ms double precision[], streams text[], crash_limit integer,
  out ended json, out finished json
)
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  at timestamptz := lock_workflows(workflow_ids);
  poisoned ended_task[];
  concluded record;
begin
  with lost as materialized (
    select distinct on (c.workflow_id, c.position, c.attempt, delivery) c.*,
           concat(case when c.charged then 'crashed ' else 'frozen ' end, c.entry_id, ' ', c.incarnation) as delivery
    from unnest(workflow_ids, positions, attempts, entry_ids, incarnations, alone, charged, started_ats_ms, streams)
      with ordinality
      as c(workflow_id, position, attempt, entry_id, incarnation, alone, charged, started_at_ms, stream, ordinal)
    order by c.workflow_id, c.position, c.attempt, delivery, c.ordinal
  ), history as (
    insert into attempt_history (workflow_id, position, attempt, delivery, outcome, dispatched_at, started_at, recorded_at,
                                 incarnation, entry_id)
    select l.workflow_id, l.position, l.attempt, l.delivery,
           case when l.charged then 'crashed'::attempt_outcome else 'frozen' end,
           case when t.attempt = l.attempt then t.dispatched_at end,
           to_timestamp(l.started_at_ms / 1000), at, l.incarnation, l.entry_id
    from lost l
    join task t on t.workflow_id = any (array[l.workflow_id]) and t.position = l.position
    on conflict do nothing
    returning workflow_id, position, attempt, delivery
  ), fresh as (
    select l.workflow_id, l.position, count(*)::integer as crashes,
           (count(*) filter (where l.alone))::integer as crashes_alone,
           max(l.attempt) as attempt, max(l.ordinal)::integer as ordinal
    from lost l
    join history h on h.workflow_id = l.workflow_id and h.position = l.position and h.attempt = l.attempt
      and h.delivery = l.delivery
    where l.charged
    group by l.workflow_id, l.position
  ), charged as (
    update task t
    set crashes = t.crashes + f.crashes,
        crashes_alone = t.crashes_alone + f.crashes_alone,
        state = case when t.crashes_alone + f.crashes_alone >= crash_limit and t.state = 'dispatched'
                then 'dead' else t.state end,
        finished_at = case when t.crashes_alone + f.crashes_alone >= crash_limit and t.state = 'dispatched' then at end,
        error = case when t.crashes_alone + f.crashes_alone >= crash_limit and t.state = 'dispatched'
          then '{"code":"POISON","message":"Its process crashed each time it ran, with nothing else running."}' else t.error end
    from fresh f
    where t.workflow_id = any (array[f.workflow_id]) and t.position = f.position
      and t.state in ('waiting', 'ready', 'delayed', 'dispatched')
    returning t.workflow_id, t.position, t.task_id, t.agent_type, t.attempt, t.state, t.dispatched_at, t.error,
              f.ordinal
  ), ends as (
    insert into attempt_history (workflow_id, position, attempt, outcome, dispatched_at, finished_at, recorded_at,
                                 incarnation, entry_id, error)
    select c.workflow_id, c.position, c.attempt, 'dead-letter', c.dispatched_at, at, at, incarnations[c.ordinal],
           entry_ids[c.ordinal], c.error
    from charged c
    where c.state = 'dead'
  ), letters as (
    insert into dead_letter (workflow_id, position, attempt, reason, message, stream, entry_id, incarnation, fields,
                             created_at)
    select c.workflow_id, c.position, c.attempt, 'POISON',
           'Its process crashed each time it ran, with nothing else running.', coalesce(streams[c.ordinal], ''),
           entry_ids[c.ordinal], incarnations[c.ordinal], '{}', at
    from charged c
    where c.state = 'dead'
    on conflict do nothing
  )
  select array_agg(row(c.workflow_id, c.position, c.task_id, c.agent_type, c.attempt, c.state, null, true, null,
                       c.ordinal)::ended_task)
  into poisoned
  from charged c
  where c.state = 'dead';

  concluded := conclude_workflows(
    array(select e.workflow_id from unnest(poisoned) e), array(select e.position from unnest(poisoned) e),
    array(select e.state from unnest(poisoned) e), at);
  ended := to_json(coalesce(poisoned, '{}') || concluded.cancelled);
  finished := to_json(concluded.finished);
end
$$
