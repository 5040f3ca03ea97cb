/** A task is three messages: its dispatch, its delivery and its result. */
const MESSAGES_PER_TASK = 3;
/** Of the graph that scenarios submit. */
const TASKS_PER_WORKFLOW = 11;
export const MESSAGES_PER_WORKFLOW = TASKS_PER_WORKFLOW * MESSAGES_PER_TASK;

/** Messages of so many tasks. */
export const messagesOf = (tasks: number): number => tasks * MESSAGES_PER_TASK;
