import { workflowBatchSchema, workflowDefinitionSchema } from "@agent-hive/contracts";
import { ProblemError } from "@agent-hive/service-kit";
import { z } from "zod";
import { knownKeysAt } from "./known-keys.js";
import { validate } from "./validation.js";

function errorsOf(schema: z.ZodType, value: unknown) {
  try {
    validate(schema, value, "body");
  } catch (error) {
    return (error as ProblemError).problem.errors!;
  }
  throw new Error("it was let pass");
}

test("known fields are found through lists, defaults and refinements", () => {
  expect(knownKeysAt(workflowDefinitionSchema, [])).toContain("phases");
  expect(knownKeysAt(workflowBatchSchema, [0, "tasks", 3])).toContain("dependsOn");
  expect(knownKeysAt(workflowDefinitionSchema, ["tasks", 0, "retry"])).toEqual([
    "maxAttempts",
    "initialDelayMs",
    "factor",
    "maxDelayMs",
  ]);
  expect(knownKeysAt(workflowDefinitionSchema, ["name", "first"])).toEqual([]);
});

test("every unknown field is an error of its own, with the nearest known one", () => {
  expect(errorsOf(z.strictObject({ alpha: z.string().optional() }), { alhpa: "x", omega: "y" })).toEqual([
    { path: "alhpa", code: "unknown_field", message: '"alhpa" is not a known field. Did you mean "alpha"?' },
    { path: "omega", code: "unknown_field", message: expect.stringContaining('Known fields: "alpha"') },
  ]);
});

test("at most a hundred errors are listed, however many there are", () => {
  const bad = { name: "w", tasks: Array.from({ length: 500 }, () => ({})) };
  expect(errorsOf(workflowDefinitionSchema, bad)).toHaveLength(100);
});
