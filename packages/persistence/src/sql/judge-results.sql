-- judge-results.sql: says what became of each result of a batch of which some were not applied, and notes those that were
-- fenced in the history. Called when those that apply are applied and no consequence is drawn yet.
-- The arrays run in parallel, one element a result. applied: places of those that were applied, from 1.
-- at: the time of the transaction.
-- Returns a verdict per result: applied; unknown: no such task; cancelled: the task was cancelled first; duplicate: this
-- attempt was settled before, or this very delivery is on record; fenced: the attempt is not the current one.
create or replace function judge_results(
  workflow_ids uuid[], positions integer[], attempts integer[], agent_ids text[], incarnations text[],
  entry_ids text[], applied integer[], at timestamptz
) returns text[]
language plpgsql volatile
set enable_seqscan = off
as $$
declare
  verdicts text[];
begin
  with judged as materialized (
    select r.*, case
        when r.ordinal = any (applied) then 'applied'
        when t.task_id is null then 'unknown'
        when t.state = 'cancelled' then 'cancelled'
        when t.attempt = r.attempt or exists (
          select from attempt_history h
          where h.workflow_id = r.workflow_id and h.position = r.position and h.attempt = r.attempt
            and h.delivery = '' and h.incarnation = r.incarnation and h.entry_id = r.entry_id
        ) then 'duplicate'
        else 'fenced'
      end as verdict
    from unnest(workflow_ids, positions, attempts, agent_ids, incarnations, entry_ids) with ordinality
      as r(workflow_id, position, attempt, agent_id, incarnation, entry_id, ordinal)
    left join task t on t.workflow_id = any (array[r.workflow_id]) and t.position = r.position
  ), fenced as (
    insert into attempt_history (workflow_id, position, attempt, delivery, outcome, recorded_at, agent_id, incarnation,
                                 entry_id)
    select j.workflow_id, j.position, j.attempt, concat('fenced ', j.entry_id, ' ', j.incarnation), 'fenced', at,
           j.agent_id, j.incarnation, j.entry_id
    from judged j
    where j.verdict = 'fenced'
    on conflict do nothing
  )
  select array_agg(j.verdict order by j.ordinal) into verdicts from judged j;
  return verdicts;
end
$$
