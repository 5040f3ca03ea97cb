-- record-dead-letters.sql: keeps entries that nobody can process, with their reasons; the task that such an entry was to
-- run is set aside, if it names one at its current attempt. Hearing of an entry again adds nothing.
-- The arrays run in parallel, one element an entry; workflow_ids, positions and attempts are null where the entry names no
-- task. errors: JSON text of the error that the task then bears.
-- Returns one row: ended (tasks set aside, and those cancelled with them), finished (workflows).
create or replace function record_dead_letters(
  workflow_ids uuid[], positions integer[], attempts integer[], reasons text[], messages text[], errors text[],
  streams text[], entry_ids text[], incarnations text[], agent_ids text[], fields text[],
  out ended json, out finished json
)
language plpgsql volatile
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  at timestamptz := lock_workflows(workflow_ids);
  set_aside ended_task[];
  concluded record;
begin
  insert into dead_letter (workflow_id, position, attempt, reason, message, stream, entry_id, incarnation, agent_id,
                           fields, created_at)
  select t.workflow_id, t.position, case when t.task_id is not null then l.attempt end, l.reason, l.message, l.stream,
         l.entry_id, l.incarnation, l.agent_id, l.fields, at
  from unnest(workflow_ids, positions, attempts, reasons, messages, streams, entry_ids, incarnations, agent_ids, fields)
    as l(workflow_id, position, attempt, reason, message, stream, entry_id, incarnation, agent_id, fields)
  left join task t on t.workflow_id = any (array[l.workflow_id]) and t.position = l.position
  on conflict do nothing;

  with letter as materialized (
    select distinct on (l.workflow_id, l.position, l.attempt) l.*
    from unnest(workflow_ids, positions, attempts, errors, entry_ids, incarnations, agent_ids) with ordinality
      as l(workflow_id, position, attempt, error, entry_id, incarnation, agent_id, ordinal)
    where l.workflow_id is not null
    order by l.workflow_id, l.position, l.attempt, l.ordinal
  ), settled as (
    update task t
    set state = 'dead', error = l.error, finished_at = at
    from letter l
    where t.workflow_id = any (array[l.workflow_id]) and t.position = l.position
      and t.attempt = l.attempt and t.state = 'dispatched'
    returning t.workflow_id, t.position, t.task_id, t.agent_type, t.attempt, t.dispatched_at, l.error, l.entry_id,
              l.incarnation, l.agent_id
  ), history as (
    insert into attempt_history (workflow_id, position, attempt, outcome, dispatched_at, finished_at, recorded_at,
                                 agent_id, incarnation, entry_id, error)
    select s.workflow_id, s.position, s.attempt, 'dead-letter', s.dispatched_at, at, at, s.agent_id, s.incarnation,
           s.entry_id, s.error
    from settled s
  )
  select array_agg(row(s.workflow_id, s.position, s.task_id, s.agent_type, s.attempt, 'dead', null, true, null,
                       null)::ended_task)
  into set_aside
  from settled s;

  concluded := conclude_workflows(
    array(select e.workflow_id from unnest(set_aside) e), array(select e.position from unnest(set_aside) e),
    array(select e.state from unnest(set_aside) e), at);
  ended := to_json(coalesce(set_aside, '{}') || concluded.cancelled);
  finished := to_json(concluded.finished);
end
$$
