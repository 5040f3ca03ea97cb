import type { Measurement } from "@agent-hive/measurement";
import type { DemonstrationFile } from "../demonstration-file.js";
import { reasonOf, type DemonstrationOutcome } from "../outcome.js";
import { attributesOf, traceRequestSchema, type ResourceSpans, type TraceRequest } from "./otlp.js";
import { ENGINE, spansOf, type ServiceSpan, type TracedWorkflow } from "./workflow-spans.js";

const SCOPE = { name: "agent-hive.demonstration", version: "1" } as const;

/** `workflow_execution_trace.json`. */
export const traceFile: DemonstrationFile<TraceRequest> = {
  name: "workflow_execution_trace.json",
  holds: "One trace for each workflow, in OTLP's JSON: open it in Jaeger, or send it to any collector.",
  schema: traceRequestSchema,
  make: workflowExecutionTrace,
};

function workflowExecutionTrace(outcome: DemonstrationOutcome): TraceRequest {
  const { measurement } = outcome;
  const spans = measurement === null ? [] : tracedWorkflows(measurement).flatMap(spansOf);
  const reason = reasonOf(outcome);
  if (spans.length === 0) return { resourceSpans: [ofService(ENGINE, [], reason)] };
  const services = Map.groupBy(spans, ({ service }) => service);
  return { resourceSpans: [...services].map(([service, its]) => ofService(service, its, reason)) };
}

/** @param reason why something is missing; OTLP has no other place for it. */
function ofService(service: string, spans: readonly ServiceSpan[], reason: string | null): ResourceSpans {
  return {
    resource: {
      attributes: attributesOf({
        "service.name": service,
        "service.namespace": "agent-hive",
        "hive.absent.reason": reason,
      }),
    },
    scopeSpans: spans.length === 0 ? [] : [{ scope: SCOPE, spans: spans.map(({ span }) => span) }],
  };
}

function tracedWorkflows(measurement: Measurement): TracedWorkflow[] {
  const tasks = Map.groupBy(measurement.tasks, ({ workflowId }) => workflowId);
  const attempts = Map.groupBy(measurement.attempts, ({ workflowId }) => workflowId);
  const recoveries = Map.groupBy(measurement.recoveries, ({ workflowId }) => workflowId);
  const route = routesOf(measurement);
  return measurement.workflows.map((workflow) => ({
    workflow,
    tasks: tasks.get(workflow.id) ?? [],
    attempts: attempts.get(workflow.id) ?? [],
    recoveries: recoveries.get(workflow.id) ?? [],
    untilMs: measurement.window.toMs,
    route,
  }));
}

/** By agent type: the service of its agents, as the processes that were sampled tell, and its stream and group. */
function routesOf({ groups, processes }: Measurement): TracedWorkflow["route"] {
  const serviceOf = new Map(processes.map(({ name, service }) => [name, service]));
  const routes = new Map(
    groups.map(({ agentType, stream, group, consumers }) => {
      const service = consumers.map(({ agentId }) => serviceOf.get(agentId)).find((known) => known !== undefined);
      return [agentType, { service: service ?? `agents ${agentType}`, stream, group }] as const;
    }),
  );
  return (agentType) => routes.get(agentType) ?? { service: `agents ${agentType}` };
}
