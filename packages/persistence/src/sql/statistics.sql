-- statistics.sql: counts over everything stored.
-- Returns one row of JSON objects and counts.
select
  (select coalesce(json_object_agg(s.state, s.n), '{}') from (select state, count(*) as n from workflow group by state) s)
    as workflows,
  (select json_build_object('total', coalesce(sum(total), 0), 'succeeded', coalesce(sum(succeeded), 0),
     'failed', coalesce(sum(failed), 0), 'cancelled', coalesce(sum(cancelled), 0), 'dead', coalesce(sum(dead), 0),
     'live', coalesce(sum(total - succeeded - failed - cancelled - dead), 0)) from workflow) as tasks,
  (select coalesce(json_object_agg(h.outcome, h.n), '{}')
     from (select outcome, count(*) as n from attempt_history group by outcome) h) as attempts,
  (select count(*)::integer from dead_letter) as dead_letters,
  (select coalesce(json_object_agg(q.agent_type, q.n), '{}')
     from (select agent_type, count(*) as n from ready_queue group by agent_type) q) as backlog
