import { TerminalError, type Task } from "@agent-hive/agent-sdk";
import { readExample } from "@agent-hive/product-spec";
import { DatabaseDesign } from "./database-design/database-design.handler.js";
import { SystemDesign } from "./system-design/system-design.handler.js";

const taskWith = (specification: string): Task => ({ workflowInput: { specification } }) as Task;

test("both designs come from the specification in the workflow's input", () => {
  const task = taskWith(readExample("clinic"));
  expect(Object.keys(new SystemDesign().execute(task).files)).toEqual(["openapi.json", "package.json", "README.md"]);
  expect(new DatabaseDesign().execute(task).summary).toBe("Designed 7 tables with 8 foreign keys.");
});

test("a wrong specification fails the task for good", () => {
  for (const handler of [new SystemDesign(), new DatabaseDesign()])
    expect(() => handler.execute(taskWith("name: Notes"))).toThrow(TerminalError);
});
