import { TerminalError } from "@agent-hive/domain";
import { ancestorOutputs, ancestorsOf, PRODUCT_TASKS, productWorkflow, readExample, specificationOf } from "./index.js";

test("the workflow has eleven tasks, each after those it depends on, and the specification as its input", () => {
  const text = readExample("clinic");
  const workflow = productWorkflow(text);
  expect(workflow).toMatchObject({ name: "build-riverside-clinic", input: { specification: text } });
  expect(workflow.tasks).toHaveLength(11);
  for (const [index, task] of PRODUCT_TASKS.entries())
    for (const dependency of task.dependsOn)
      expect(PRODUCT_TASKS.slice(0, index).map(({ id }) => id)).toContain(dependency);
});

test("a wrong specification is refused before there is a workflow", () => {
  expect(() => productWorkflow("name: x")).toThrow("The product specification has");
});

test("the ancestors of a task are all tasks it builds on, directly or not", () => {
  expect(ancestorsOf("auth_ui")).toEqual(["system_design", "api_development", "auth_system", "ui_components"]);
  expect(ancestorsOf("integration_tests")).toHaveLength(10);
  expect(ancestorsOf("system_design")).toEqual([]);
});

test("the outputs of a task's ancestors are read by their names", async () => {
  const reader = { outputOf: async (taskId: string) => ({ files: { [taskId]: "" }, summary: taskId }) };
  expect(Object.keys(await ancestorOutputs("db_integration", reader))).toEqual(["database_design"]);
  await expect(ancestorOutputs("db_integration", { outputOf: async () => null })).rejects.toThrow(
    'task "database_design"',
  );
});

test("a task fails for good, with every problem, if the workflow's specification is wrong", () => {
  for (const input of [undefined, {}, { specification: 5 }, { specification: "name: x" }]) {
    const fail = (): unknown => specificationOf(input);
    expect(fail).toThrow(TerminalError);
    expect(fail).toThrow(expect.objectContaining({ code: "SPECIFICATION_INVALID" }));
  }
  expect(specificationOf({ specification: readExample("bookshop") }).name).toBe("Paperback");
});
