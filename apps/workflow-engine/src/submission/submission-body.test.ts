import { AgentTypes, API_LIMITS, type Problem } from "@agent-hive/contracts";
import type { ProblemError } from "@agent-hive/service-kit/problem";
import { prepareSubmission } from "./prepare-submission.js";

const agentTypes = new AgentTypes(
  ["architects", "backend"].map((name) => ({
    type: name.toUpperCase(),
    agentType: name,
    group: `${name}_consumers`,
    stream: `agent_messages:${name}`,
    maxConsumers: 3,
    capabilities: ["*"],
  })),
);

const prepare = (bytes: Buffer, format: "json" | "ndjson") =>
  prepareSubmission({ bytes, format }, { agentTypes, sampling: { ratio: 0, most: 0 } });
const lines = (...values: (object | string)[]): Buffer =>
  Buffer.from(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n"));

function problemOf(bytes: Buffer, format: "json" | "ndjson" = "ndjson"): Problem {
  try {
    prepare(bytes, format);
  } catch (error) {
    return (error as ProblemError).problem;
  }
  throw new Error("it was let pass");
}

const HEAD = { name: "nightly", priority: 7 };
const task = (id: string, more: object = {}) => ({ id, agentType: "backend", ...more });

test("lines make the same workflow as one text does, up to its hash", () => {
  const tasks = [task("a"), task("b", { dependsOn: ["a"], input: { n: [1] } })];
  const text = prepare(Buffer.from(JSON.stringify({ ...HEAD, tasks })), "json");
  for (const bytes of [lines(HEAD, ...tasks), lines(HEAD, "", ...tasks, "\r\n \n"), lines(HEAD, ...tasks, "")]) {
    const read = prepare(bytes, "ndjson");
    expect(read).toMatchObject({ isBatch: false, sizes: [2], requestHash: text.requestHash });
    expect(read.encoded.summaries).toEqual([{ id: expect.any(String), name: "nightly" }]);
  }
});

test("every problem names its line, blank ones counted", () => {
  const { code, errors } = problemOf(lines(HEAD, task("a"), "", task("a"), task("b", { dependsOn: ["c"] })));
  expect(code).toBe("INVALID_DEFINITION");
  expect(errors!.map(({ path, message }) => [path, message.slice(0, 30)])).toEqual([
    ["tasks/1/id", 'Line 4: Task id "a" is already'],
    ["tasks/2/dependsOn/0", 'Line 5: Task "b" depends on "c'],
  ]);
  const fields = problemOf(lines({ ...HEAD, priority: "high" }, task("a"), task("b", { timeoutMs: -1 })));
  expect(fields.errors!.map(({ message }) => message)).toEqual([
    'Line 1: Invalid input: expected number, received string; it is "high"',
    "Line 3: Too small: expected number to be >=1; it is -1",
  ]);
});

test("lines that are not JSON are told together, no more than a hundred", () => {
  const { code, errors } = problemOf(lines(HEAD, "{", task("a"), '"\ud800', "[".repeat(1000)));
  expect(code).toBe("MALFORMED_REQUEST");
  expect(errors!.map(({ message }) => /^Line \d+ cannot be read/.exec(message)?.[0])).toEqual([
    "Line 2 cannot be read",
    "Line 4 cannot be read",
    "Line 5 cannot be read",
  ]);
  expect(problemOf(lines(HEAD, ...Array<string>(5000).fill("{"))).errors).toHaveLength(100);
});

test.each<[string, Buffer, string]>([
  ["nothing", lines(""), "The first line is an object"],
  ["a list", lines("[1]", task("a")), "The first line is an object"],
  ["a whole workflow", lines({ ...HEAD, tasks: [] }, task("a")), 'Remove "tasks"'],
  ["phases", lines({ ...HEAD, phases: {} }), 'Remove "phases"'],
])("lines that begin with %s are refused", (_what, bytes, told) => {
  expect(problemOf(bytes)).toMatchObject({ code: "INVALID_REQUEST", detail: expect.stringContaining(told) });
});

test("the first task too many is refused, and the limit named", () => {
  const most = Array<string>(API_LIMITS.tasksPerWorkflow).fill("{}");
  expect(problemOf(lines(HEAD, ...most, "{}", "{"))).toMatchObject({
    code: "OVER_LIMIT",
    detail: "Line 100002 is one task too many: a workflow may have 100000. Split it into several workflows.",
  });
});

test("the workflows of one request are bounded together, however little they take to write", () => {
  const wide = { a: { backend: [] as string[] }, b: { backend: [] as string[] } };
  for (let i = 0; i < 800; i++) {
    wide.a.backend.push(`a${i}`);
    wide.b.backend.push(`b${i}`);
  }
  const workflow = { name: "w", phases: wide };
  const many = Buffer.from(JSON.stringify(Array(200).fill(workflow)));
  expect(problemOf(many, "json")).toMatchObject({ code: "OVER_LIMIT", detail: expect.stringContaining("1000000") });
  const bad = { name: "w", tasks: Array.from({ length: 90 }, () => task("same")) };
  expect(problemOf(Buffer.from(JSON.stringify(Array(500).fill(bad))), "json").errors!.length).toBeLessThan(200);
});
