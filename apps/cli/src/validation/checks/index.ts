import type { AgentType } from "@agent-hive/launcher";
import type { Check } from "../check.js";
import { throughputCheck } from "./burst.js";
import { clocksCheck } from "./clocks.js";
import { environmentChecks } from "./environment.js";
import { groupCheck } from "./groups.js";
import { invariantsCheck } from "./invariants.js";
import { memoryCheck } from "./memory.js";
import { crashCheck, freezeCheck } from "./recovery.js";
import { schemaCheck } from "./schema.js";
import { storeChecks } from "./stores.js";
import { workflowCheck } from "./workflows.js";

/**
 * All checks, in the order in which they are made: what is cheap and explains the rest comes first; load comes before
 * strikes, since processes that have just been started again are slow; the invariants are judged over all that ran.
 */
export function checksFor(agentTypes: readonly AgentType[], { quick }: { quick: boolean }): Check[] {
  return [
    ...environmentChecks,
    ...storeChecks,
    clocksCheck,
    schemaCheck,
    ...agentTypes.map(groupCheck),
    ...agentTypes.map(workflowCheck),
    throughputCheck,
    memoryCheck,
    ...agentTypes.map(crashCheck),
    ...(quick ? [] : agentTypes.map(freezeCheck)),
    invariantsCheck,
  ];
}
