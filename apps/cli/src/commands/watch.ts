import pc from "picocolors";
import { traceUrl, type HiveEvent, type WorkflowView } from "@agent-hive/contracts";
import type { HiveClient, WatchedEvent } from "@agent-hive/client";
import { readSettings } from "@agent-hive/service-kit/settings";
import { coloured, print, printJson } from "../terminal/print.js";

/** Prints what happens to a workflow until it ends. The exit code is 0 if it succeeded. */
export async function watchWorkflow(
  client: HiveClient,
  workflowId: string,
  options: { json?: boolean },
): Promise<number> {
  for await (const event of client.watch(workflowId)) {
    if (options.json) print(JSON.stringify(event));
    else printEvent(event);
  }
  const workflow = await client.workflow(workflowId);
  if (options.json) printJson(workflow);
  else printEnd(workflow);
  return workflow.state === "succeeded" ? 0 : 1;
}

function printEvent(event: WatchedEvent): void {
  if ("workflow" in event.data) {
    const { workflow } = event.data;
    print(
      `${workflow.name}: ${coloured(workflow.state)}, ${workflow.tasks.succeeded} of ${workflow.tasks.total} tasks done`,
    );
    return;
  }
  print(describeEvent(event.data));
}

/** One event as one line. */
export function describeEvent(event: HiveEvent): string {
  const time = pc.dim(event.at.slice(11, 23));
  const what =
    event.type.endsWith("dead") || event.type.endsWith("crashed") || event.type.endsWith("failed") ? pc.red : String;
  const attempt = event.attempt === undefined ? "" : pc.dim(` attempt ${event.attempt}`);
  const who = event.agentId === undefined ? "" : pc.dim(` ${event.agentId}`);
  return `${time} ${what(event.type.padEnd(18))} ${event.taskId ?? event.group ?? ""}${attempt}${who}`;
}

function printEnd(workflow: WorkflowView): void {
  const { tasks } = workflow;
  print(`${workflow.name}: ${coloured(workflow.state)}, ${tasks.succeeded} of ${tasks.total} tasks done`);
  const { HIVE_TRACE_URL: traces } = readSettings("cli", { warn: () => undefined });
  const link = traceUrl(traces, workflow.traceparent) ?? workflow.traceUrl;
  if (link !== undefined) print(`  trace: ${link}`);
  if (workflow.failure) {
    const { taskId, error } = workflow.failure;
    print(`  task "${taskId}": ${error.code}: ${error.message}`);
  }
}
