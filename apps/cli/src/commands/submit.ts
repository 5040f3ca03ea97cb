import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import type { SubmittedWorkflow, WorkflowDefinitionInput } from "@agent-hive/contracts";
import { productWorkflow } from "@agent-hive/product-spec";
import type { HiveClient } from "@agent-hive/client";
import { coloured, print, printJson } from "../terminal/print.js";
import { watchWorkflow } from "./watch.js";

/** Options of `hive submit`. */
export interface SubmitOptions {
  product?: boolean;
  idempotencyKey?: string;
  watch?: boolean;
  json?: boolean;
}

/** Submits a workflow's definition, or several, from a file (`-`: standard input), in JSON or YAML. */
export async function submit(client: HiveClient, file: string, options: SubmitOptions): Promise<number> {
  const written = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  const workflows = await submitText(client, written, options);
  if (options.json) printJson(workflows.length === 1 ? workflows[0] : workflows);
  else for (const each of workflows) print(`${each.id}  ${coloured(each.state)}  ${each.name}`);
  if (!options.watch) return 0;
  const codes = await Promise.all(workflows.map((each) => watchWorkflow(client, each.id, options)));
  return Math.max(...codes);
}

async function submitText(client: HiveClient, written: string, options: SubmitOptions): Promise<SubmittedWorkflow[]> {
  const idempotency = options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey };
  if (options.product) return [await client.submit(productWorkflow(written), idempotency)];
  // The service checks the definition and names every problem; here it only has to be data.
  const definition = parse(written, { maxAliasCount: 100 }) as WorkflowDefinitionInput | WorkflowDefinitionInput[];
  return Array.isArray(definition)
    ? client.submitAll(definition, idempotency)
    : [await client.submit(definition, idempotency)];
}
