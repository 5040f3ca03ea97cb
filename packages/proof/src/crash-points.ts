/**
 * Every point at which a process can be killed exactly, and what is true when it is reached: a step between two durable
 * effects, or right after one. Each name stands once in the code; `packages/system-tests` kills a process at each.
 */
export const CRASH_POINTS = {
  // The engine.
  "submission.planned": "A submission is read and checked; nothing of it is stored.",
  "submission.stored": "It is in PostgreSQL; nothing is published, and the client has no answer.",
  "submission.published": "Its first tasks are published.",
  "artifact.stored": "A large output is stored; its agent has no answer.",
  "results.read": "A batch of results is taken; nothing of it is recorded.",
  "results.committed": "The batch is recorded and its successors dispatched; nothing is published or acknowledged.",
  "results.published": "Its successors are published and the batch is acknowledged.",
  "timers.released": "Delayed tasks are ready; nothing is dispatched.",
  "window.filled": "Waiting tasks are dispatched; nothing is published.",
  "window.published": "They are published.",
  "timeout.recorded": "Overdue attempts are ended and the next ones dispatched; nothing is published.",
  "timeout.published": "The next attempts are published.",
  "cancellation.recorded": "A workflow is cancelled; its messages are still there, and nobody was told.",
  "cancellation.published": "Its tasks are no longer in flight; whoever runs one was not told.",
  "cancellation.told": "Everyone was told; the client has no answer.",
  "sweep.found": "Dispatched tasks that Redis does not know are found; nothing is published.",
  "sweep.published": "They are published at the same attempt.",
  "sweep.dropped": "What ended tasks left in the in-flight index is gone.",
  "epoch.advanced": "PostgreSQL is in a new epoch; Redis is in none.",
  "groups.recreated": "All groups exist again; the epoch is not written.",
  "epoch.written": "Redis is in the new epoch; nobody was told, and nothing is dispatched again.",
  "epoch.announced": "Everyone was told; nothing is dispatched again.",
  "redispatch.committed": "A page of lost tasks has its next attempts; nothing is published.",
  "redispatch.published": "The page is published.",
  // The router.
  "dispatch.read": "A batch of tasks is taken; none is routed.",
  "dispatch.routed": "Each is in the stream of its group, or a dead letter.",
  // The coordinator; while there is none, every member does the same.
  "leadership.locked": "The lock is held; there is no term yet.",
  "leadership.taken": "The term is granted; nothing is written under it.",
  "group.created": "A group that was missing exists; nobody was told.",
  "status.published": "The status of the groups is written.",
  "death.declared": "An incarnation is fenced off; its connections are open.",
  "connections.killed": "Its connections are closed; nobody was told.",
  "death.announced": "Everyone was told; its entries are not claimed.",
  "consumer.removed": "The consumer of a dead incarnation is gone.",
  // Every member.
  "member.registered": "A new incarnation is registered; it reads nothing.",
  "goodbye.said": "An incarnation left in good order; the process still runs.",
  "incarnation.given-up":
    "An incarnation that found itself dead gave up what it held; its successor is not registered.",
  "entries.claimed": "Entries of the dead are the caller's; nothing of them is begun.",
  // The agent.
  "tasks.taken": "Entries are read; none is begun.",
  "tasks.begun": "Their starts are marked; no handler runs.",
  "handler.finished": "A handler returned; nobody knows its result.",
  "tasks.completed": "The results are in the stream and the entries are gone.",
  "checkpoint.saved": "A checkpoint is in Redis; the handler goes on.",
  "dead-letter.written": "An entry that cannot be run is set aside for the engine.",
} as const;

/** The name of a point: `subject.past-participle`. */
export type CrashPoint = keyof typeof CRASH_POINTS;
