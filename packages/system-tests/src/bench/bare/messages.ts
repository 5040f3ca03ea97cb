/** What passes between the processes of the bare pipeline. */

export interface Dispatched {
  workflowId: string;
  position: number;
  agentType: string;
  attempt: number;
  traceparent: string;
  input: unknown;
}

export interface Result {
  workflowId: string;
  position: number;
  attempt: number;
  traceparent: string;
  output: unknown;
}

export const streamOf = (agentType: string): string => `agent_messages:${agentType}`;
