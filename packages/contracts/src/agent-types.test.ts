import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAgentTypes } from "./agent-types.js";

const SHIPPED = join(import.meta.dirname, "../../../infra/agent-types.yaml");

const folder = mkdtempSync(join(tmpdir(), "agent-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(yaml: string): string {
  const file = join(folder, "agent-types.yaml");
  writeFileSync(file, yaml);
  return file;
}

test("the file that ships names the four types of the demonstration, under both of their names", () => {
  const types = loadAgentTypes(SHIPPED);
  expect(types.names).toEqual(["architects", "backend", "frontend", "qa"]);
  expect(types.groups.map(({ group, maxConsumers }) => [group, maxConsumers])).toEqual([
    ["architects_consumers", 3],
    ["backend_engineers_consumers", 8],
    ["frontend_developers_consumers", 6],
    ["qa_engineers_consumers", 4],
  ]);
  expect(["backend", "BACKEND_ENGINEERS", "Backend", "nobody"].map((name) => types.resolve(name))).toEqual([
    "backend",
    "backend",
    "backend",
    undefined,
  ]);
  expect(types.withCapability("ui_tests")).toBe("qa");
});

test("handlers for load are there only when asked for", () => {
  expect(loadAgentTypes(SHIPPED).withCapability("noop")).toBeUndefined();
  expect(loadAgentTypes(SHIPPED, { loadHandlers: true }).withCapability("noop")).toBe("architects");
});

test("two groups may serve one type with different capabilities", () => {
  const file = written(`groups:
  - { type: RENDERERS, stream: agent_messages:render, max_consumers: 2, capabilities: [draw] }
  - { type: GPU_RENDERERS, name: render, stream: agent_messages:render_gpu, max_consumers: 2, capabilities: [draw, gpu] }
`);
  expect(
    loadAgentTypes(file)
      .groupsOf("render")
      .map(({ group }) => group),
  ).toEqual(["renderers_consumers", "gpu_renderers_consumers"]);
});

test("all problems of a file are told together", () => {
  const file = written("groups:\n  - { type: '1st', stream: x, max_consumers: 0, colour: red }\n");
  expect(() => loadAgentTypes(file)).toThrow(/type[^]*max_consumers|max_consumers[^]*type/);
});

test("a stream that two groups share is refused", () => {
  const file = written(
    "groups:\n  - { type: A, stream: s, max_consumers: 1 }\n  - { type: B, stream: s, max_consumers: 1 }\n",
  );
  expect(() => loadAgentTypes(file)).toThrow('stream "s" is configured twice');
});
