-- submit-workflows.sql: stores planned workflows with all their tasks, all or none. Tasks without dependencies are
-- dispatched at once if nothing of their agent type waits in the queue and there is room; else they are queued.
-- idempotency_key, request_sha256: the client's key and the hash of its request; null for none. ids … tracestates: one
-- element a workflow. task_workflow_ids … max_delays_ms: one element a task; requires, successors: array literals.
-- types, room: agent types and how many tasks each may take.
-- Returns one row: outcome (stored; replayed: the key was used for the same request, workflow_ids are those of then;
-- conflict: it was used for another), workflow_ids, dispatched (see describe-dispatched.sql).
create or replace function submit_workflows(
  idempotency_key text, request_sha256 text,
  ids uuid[], names text[], priorities integer[], inputs text[], traceparents text[], tracestates text[],
  task_workflow_ids uuid[], task_positions integer[], task_ids text[], agent_types text[], handlers text[],
  requires text[], task_inputs text[], dependency_counts integer[], successors text[],
  remaining_paths double precision[], timeouts_ms integer[], max_attempts integer[], initial_delays_ms integer[],
  factors double precision[], max_delays_ms integer[], types text[], room integer[],
  out outcome text, out workflow_ids uuid[], out dispatched json
)
language plpgsql volatile
set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  at timestamptz := clock_timestamp();
  keys task_key[];
begin
  workflow_ids := ids;
  if submit_workflows.idempotency_key is not null then
    insert into submission (idempotency_key, request_sha256, workflow_ids, created_at)
    values (submit_workflows.idempotency_key, submit_workflows.request_sha256, ids, at)
    on conflict (idempotency_key) do nothing;
    if not found then
      select case when s.request_sha256 = submit_workflows.request_sha256 then 'replayed' else 'conflict' end,
             s.workflow_ids
      into outcome, submit_workflows.workflow_ids
      from submission s
      where s.idempotency_key = submit_workflows.idempotency_key;
      return;
    end if;
  end if;

  insert into workflow (id, created_at, total, priority, name, traceparent, tracestate, input)
  select w.id, at, coalesce(n.total, 0), w.priority, w.name, w.traceparent, w.tracestate, w.input
  from unnest(ids, names, priorities, inputs, traceparents, tracestates)
    as w(id, name, priority, input, traceparent, tracestate)
  left join (select u.id, count(*) as total from unnest(task_workflow_ids) as u(id) group by u.id) n on n.id = w.id;

  with planned as materialized (
    select t.*, w.priority, coalesce(f.room, 0) > 0 and t.open_dependencies = 0 and
             row_number() over (partition by t.agent_type, t.open_dependencies = 0
                                order by w.priority desc, t.remaining_path desc, t.workflow_id, t.position) <= f.room
             as fits
    from unnest(task_workflow_ids, task_positions, task_ids, agent_types, handlers, requires, task_inputs,
                dependency_counts, successors, remaining_paths, timeouts_ms, max_attempts, initial_delays_ms, factors,
                max_delays_ms)
      as t(workflow_id, position, task_id, agent_type, handler, requires, input, open_dependencies, successors,
           remaining_path, timeout_ms, max_attempts, initial_delay_ms, factor, max_delay_ms)
    join unnest(ids, priorities) as w(id, priority) on w.id = t.workflow_id
    left join (
      select u.agent_type,
             case when exists (select from ready_queue q where q.agent_type = u.agent_type) then 0 else u.room end as room
      from unnest(types, room) as u(agent_type, room)
    ) f on f.agent_type = t.agent_type
  ), stored as (
    insert into task (workflow_id, position, open_dependencies, attempt, dispatched_at, remaining_path, factor, timeout_ms,
                      max_attempts, initial_delay_ms, max_delay_ms, state, priority, task_id, agent_type, handler, requires,
                      successors, input)
    select p.workflow_id, p.position, p.open_dependencies, p.fits::integer, case when p.fits then at end,
           p.remaining_path, p.factor, p.timeout_ms, p.max_attempts, p.initial_delay_ms, p.max_delay_ms,
           case when p.fits then 'dispatched'::task_state when p.open_dependencies = 0 then 'ready' else 'waiting' end,
           p.priority, p.task_id, p.agent_type, p.handler, p.requires::text[], p.successors::integer[], p.input
    from planned p
  ), queued as (
    insert into ready_queue (workflow_id, position, agent_type, priority, remaining_path)
    select p.workflow_id, p.position, p.agent_type, p.priority, p.remaining_path
    from planned p
    where p.open_dependencies = 0 and not p.fits
  )
  select array_agg(row(p.workflow_id, p.position)::task_key
                   order by p.priority desc, p.remaining_path desc, p.workflow_id, p.position)
  into keys
  from planned p
  where p.fits;

  outcome := 'stored';
  dispatched := describe_dispatched(keys);
end
$$
