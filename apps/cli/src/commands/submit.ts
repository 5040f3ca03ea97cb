import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { SubmittedWorkflow } from "@agent-hive/contracts";
import { productWorkflow } from "@agent-hive/product-spec";
import type { HiveClient } from "@agent-hive/client";
import { coloured, print, printJson } from "../terminal/print.js";
import { readDefinition } from "./read-definition.js";
import { watchWorkflow } from "./watch.js";

/** Options of `hive submit`. */
export interface SubmitOptions {
  product?: boolean;
  idempotencyKey?: string;
  watch?: boolean;
  json?: boolean;
}

/** Submits a workflow's definition, or several, from a file (`-`: standard input), in JSON, YAML or lines. */
export async function submit(client: HiveClient, file: string, options: SubmitOptions): Promise<number> {
  const workflows = await submitFile(client, file, options);
  if (options.json) printJson(workflows.length === 1 ? workflows[0] : workflows);
  else for (const each of workflows) print(`${each.id}  ${coloured(each.state)}  ${each.name}`);
  if (!options.watch) return 0;
  const codes = await Promise.all(workflows.map((each) => watchWorkflow(client, each.id, options)));
  return Math.max(...codes);
}

async function submitFile(client: HiveClient, file: string, options: SubmitOptions): Promise<SubmittedWorkflow[]> {
  const idempotency = options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey };
  if (options.product) {
    const specification = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
    return [await client.submit(productWorkflow(specification), idempotency)];
  }
  const { text: definition, format } = await readDefinition(file);
  return client.submitText(definition, { format, ...idempotency });
}
