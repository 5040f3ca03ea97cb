import { z } from "zod";
import { WORKFLOW_STATES } from "@agent-hive/contracts";

const linksSchema = z.object({ self: z.string(), tasks: z.string(), events: z.string(), cancel: z.string() });

/** The answer to a submission. */
export const submittedWorkflowSchema = z
  .object({ id: z.uuid(), name: z.string(), state: z.enum(WORKFLOW_STATES), links: linksSchema })
  .meta({ id: "SubmittedWorkflow" });
export type SubmittedWorkflow = z.infer<typeof submittedWorkflowSchema>;

/** The answer to a list of definitions, in its order. */
export const submittedBatchSchema = z
  .object({ workflows: z.array(submittedWorkflowSchema) })
  .meta({ id: "SubmittedWorkflows" });

/** Where a workflow is found in the API. */
export function linksOf(id: string): SubmittedWorkflow["links"] {
  const self = `/v1/workflows/${id}`;
  return { self, tasks: `${self}/tasks`, events: `${self}/events`, cancel: `${self}/cancel` };
}
