/** What a thread that only plans needs of this package: nothing of it speaks to PostgreSQL. */
export { encodeWorkflows } from "./recording.js";
export type { EncodedWorkflows, JsonText, PlannedTask, PlannedWorkflow } from "./types.js";
