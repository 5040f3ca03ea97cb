import type { AgentTypes } from "@agent-hive/contracts";

/** The services that there is one account of, beside one for each agent type. */
export const CORE_SERVICES = ["workflow-engine", "router", "group-coordinator", "metrics-validator"] as const;
export type CoreService = (typeof CORE_SERVICES)[number];

/** Who an account is for. */
export type Holder = { service: CoreService } | { agentType: string };

/** An account's name: the service's, or `agent-` and the name of the agent type, e.g. `agent-backend`. */
export function accountName(holder: Holder): string {
  return "service" in holder ? holder.service : `agent-${holder.agentType.toLowerCase()}`;
}

/** Everybody who has an account. */
export function holdersOf(types: AgentTypes): Holder[] {
  return [
    ...CORE_SERVICES.map((service): Holder => ({ service })),
    ...types.names.map((agentType): Holder => ({ agentType })),
  ];
}
