-- describe-dispatched.sql: all that the messages of dispatched tasks need, workflows apart so that nothing comes twice.
-- Volatile although it only reads: so it sees what the statement that calls it has just dispatched.
-- keys: tasks, in the order in which they are to be published.
-- Returns {"workflows": [{id, name, input, traceparent, tracestate}], "tasks": [{…}]}; null for no keys.
create or replace function describe_dispatched(keys task_key[]) returns json
language plpgsql volatile
set enable_seqscan = off
as $$
begin
  if coalesce(cardinality(keys), 0) = 0 then
    return null;
  end if;
  return json_build_object(
    'workflows', (
      select json_agg(json_build_object(
        'id', w.id, 'name', w.name, 'input', w.input, 'traceparent', w.traceparent, 'tracestate', w.tracestate))
      from workflow w
      where w.id = any (array(select distinct k.workflow_id from unnest(keys) k))
    ),
    'tasks', (
      select json_agg(json_build_object(
        'workflowId', t.workflow_id, 'position', t.position, 'taskId', t.task_id, 'agentType', t.agent_type,
        'attempt', t.attempt, 'handler', t.handler, 'requires', t.requires, 'input', t.input,
        'timeoutMs', t.timeout_ms, 'crashes', t.crashes, 'crashesAlone', t.crashes_alone,
        'checkpoint', t.checkpoint) order by k.ordinality)
      from unnest(keys) with ordinality k
      join task t on t.workflow_id = any (array[k.workflow_id]) and t.position = k.position
    )
  );
end
$$
