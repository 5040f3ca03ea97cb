import { TerminalError } from "@agent-hive/domain";
import { z } from "zod";
import { parseTaskOutput, type TaskOutput } from "./built-files.js";
import { parseProductSpec } from "./parse-product-spec.js";
import { ancestorsOf } from "./product-workflow.js";
import type { ProductSpec } from "./product-spec.js";
import { ProductSpecError } from "./spec-problem.js";

const inputSchema = z.looseObject({ specification: z.string() });

/**
 * The specification in a workflow's input.
 *
 * @throws TerminalError SPECIFICATION_INVALID with every problem: no retry makes it right.
 */
export function specificationOf(workflowInput: unknown): ProductSpec {
  const input = inputSchema.safeParse(workflowInput);
  if (!input.success)
    throw new TerminalError(
      "SPECIFICATION_INVALID",
      'The workflow\'s input has no "specification". Write its YAML text there.',
    );
  try {
    return parseProductSpec(input.data.specification);
  } catch (error) {
    if (!(error instanceof ProductSpecError)) throw error;
    throw new TerminalError("SPECIFICATION_INVALID", error.message, {
      details: { problems: error.problems },
      cause: error,
    });
  }
}

/** Where recorded outputs are read; the context of a task is one. */
export interface OutputReader {
  outputOf(taskId: string): Promise<unknown>;
}

/** The outputs of every task that comes before the given one, by task. Throws what the reader throws. */
export async function ancestorOutputs(taskId: string, reader: OutputReader): Promise<Record<string, TaskOutput>> {
  const outputs = await Promise.all(
    ancestorsOf(taskId).map(async (id) => [id, parseTaskOutput(id, await reader.outputOf(id))] as const),
  );
  return Object.fromEntries(outputs);
}
