import fc from "fast-check";
import { DependencyGraphBuilder } from "../graph/dependency-graph-builder.js";
import { flattenPhases, type PhaseOptions } from "./flatten-phases.js";
import type { PhasedDefinition } from "./phased-definition.js";

const CAPABILITIES: Record<string, string> = {
  system_design: "architects",
  database_design: "architects",
  api_tests: "qa",
};
const OPTIONS: PhaseOptions = {
  resolveAgentType: (taskId) => CAPABILITIES[taskId],
  knownAgentTypes: new Set(["architects", "backend", "frontend", "qa"]),
};

/** Definitions as JSON may hold them, well-formed or not. */
function flatten(phases: unknown, options: Partial<PhaseOptions> = {}) {
  return flattenPhases(phases as PhasedDefinition, { ...OPTIONS, ...options });
}

describe("flattenPhases", () => {
  test("each phase waits for all tasks of the one before, lists and maps inside one run in parallel", () => {
    const { tasks } = flatten({
      architecture_phase: ["system_design", "database_design"],
      development_phase: { backend: ["api_development"], frontend: ["ui_components"] },
      qa_phase: ["api_tests"],
    });
    expect(tasks).toEqual([
      { id: "system_design", agentType: "architects", dependsOn: [] },
      { id: "database_design", agentType: "architects", dependsOn: [] },
      { id: "api_development", agentType: "backend", dependsOn: ["system_design", "database_design"] },
      { id: "ui_components", agentType: "frontend", dependsOn: ["system_design", "database_design"] },
      { id: "api_tests", agentType: "qa", dependsOn: ["api_development", "ui_components"] },
    ]);
  });

  test("items may be objects; their own agent type wins over the map's, the innermost map over outer ones", () => {
    const { tasks } = flatten({
      build: {
        backend: [
          "plain",
          { id: "full", agentType: "qa", handler: "check", input: { strict: true } },
          { frontend: ["inner", ["listed"]] },
        ],
        qa: "single",
      },
    });
    expect(tasks).toEqual([
      { id: "plain", agentType: "backend", dependsOn: [] },
      { id: "full", agentType: "qa", handler: "check", input: { strict: true }, dependsOn: [] },
      { id: "inner", agentType: "frontend", dependsOn: [] },
      { id: "listed", agentType: "frontend", dependsOn: [] },
      { id: "single", agentType: "qa", dependsOn: [] },
    ]);
  });

  test.each([
    ["no phases", {}, "no_phases", "phases", "There are no phases. Give at least one."],
    ["an empty phase", { a: [] }, "empty_phase", "phases/a", 'Phase "a" has no tasks. Give it one, or remove it.'],
    [
      "a phase of empty lists",
      { a: { qa: [[]] } },
      "empty_phase",
      "phases/a",
      'Phase "a" has no tasks. Give it one, or remove it.',
    ],
    [
      "a numbered phase, which JavaScript moves to the front",
      { setup: ["system_design"], "2": ["api_tests"] },
      "reordered_phase",
      "phases/2",
      'Phase "2" has a number for a name, which loses its place. Name it "phase_2".',
    ],
    [
      "an unknown agent type in a map",
      { a: { bakend: ["x", "y"] } },
      "unknown_agent_type",
      "phases/a/bakend",
      'Agent type "bakend" does not exist. Did you mean "backend"?',
    ],
    [
      "an unknown agent type of an item",
      { a: [{ id: "x", agentType: "qs" }] },
      "unknown_agent_type",
      "phases/a/0/agentType",
      'Agent type "qs" does not exist. Did you mean "qa"?',
    ],
    [
      "a plain item that nobody can do",
      { a: ["gardening"] },
      "unresolved_agent_type",
      "phases/a/0",
      'No agent type has the capability "gardening". Put the task under its agent type, { "architects": ["gardening"] }, ' +
        "or add the capability to a group.",
    ],
    [
      "an id taken in another phase",
      { a: { qa: ["x"] }, b: { qa: ["y", "x"] } },
      "duplicate_task_id",
      "phases/b/qa/1",
      'Task id "x" is already taken by phases/a/qa/0. Rename one.',
    ],
    [
      "an id with a blank",
      { "a/b": { qa: ["x y"] } },
      "invalid_task_id",
      "phases/a~1b/qa/0",
      'Task id "x y" is not allowed. Use 1 to 128 letters, digits, "_", ".", ":" and "-", beginning with a letter, ' +
        'a digit or "_".',
    ],
    [
      "a number for a task",
      { a: [7] },
      "malformed_item",
      "phases/a/0",
      "7 is no task. Write its id, or an object with an id.",
    ],
    [
      "null for a phase",
      { a: null },
      "malformed_item",
      "phases/a",
      "null is no task. Write its id, or an object with an id.",
    ],
    [
      "a number for an id",
      { a: { qa: [{ id: 7 }] } },
      "malformed_item",
      "phases/a/qa/0/id",
      "The id of a task is a string; this is 7.",
    ],
    [
      "a misspelt field",
      { a: { qa: [{ id: "x", handlr: "y" }] } },
      "unknown_field",
      "phases/a/qa/0/handlr",
      'A task in a phase has no field "handlr". Did you mean "handler"?',
    ],
    [
      "dependencies of an item",
      { a: { qa: [{ id: "x", dependsOn: ["y"] }] } },
      "unknown_field",
      "phases/a/qa/0/dependsOn",
      'A task in a phase has no field "dependsOn". Here the phases say what depends on what.',
    ],
    [
      "nesting without end",
      { a: { qa: [[[[[[[[["x"]]]]]]]]] } },
      "nested_too_deep",
      "phases/a/qa/0/0/0/0/0/0/0",
      "Nested deeper than 8 levels. Flatten it.",
    ],
  ])("%s is a problem", (_, phases, code, path, message) => {
    expect(flatten(phases).problems).toEqual([{ code, path, message }]);
  });

  test("problems of all phases are reported together", () => {
    const codes = flatten({ a: { qa: ["x", 7] }, b: [], c: { bakend: ["x"] } }).problems?.map(({ code }) => code);
    expect(codes).toEqual(["malformed_item", "empty_phase", "unknown_agent_type", "duplicate_task_id"]);
  });

  test("edges multiply between wide phases, so they are counted before they are made", () => {
    const wide = (name: string) => ({ qa: Array.from({ length: 50_000 }, (_, index) => `${name}${index}`) });
    const { problems } = flatten({ first: wide("a"), second: wide("b") }, { limits: { maxDependencies: 10_000 } });
    expect(problems).toEqual([
      {
        code: "too_many_dependencies",
        path: "phases/second",
        message: 'Phase "second" waits for 50000 tasks; at most 10000 are allowed. Split phase "first" into several.',
      },
      {
        code: "too_many_edges",
        path: "phases",
        message:
          "The workflow has 2500000000 dependencies; at most 1000000 are allowed. " +
          "Where many tasks wait for many, put one task in between.",
      },
    ]);
  });

  test("a handler is what a capability can be called", () => {
    expect(flatten({ a: { qa: [{ id: "x", handler: "a,b" }] } }).problems).toEqual([
      {
        code: "invalid_handler",
        path: "phases/a/qa/0/handler",
        message:
          'Handler "a,b" is not allowed: it must have at least one character, no comma, and no control characters.',
      },
    ]);
  });

  test("hostile nesting of any depth is refused, not followed", () => {
    let node: unknown = "x";
    for (let depth = 0; depth < 100_000; depth++) node = [node];
    expect(flatten({ a: node }).problems?.map(({ code }) => code)).toEqual(["nested_too_deep"]);
  });

  test("any well-formed phases become a graph with one level per phase", () => {
    const widths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(widths, (drawn) => {
        const phases = drawn.map((width, phase) => {
          const ids = Array.from({ length: width }, (_, index) => `p${phase}_${index}`);
          return [`phase_${phase}`, { qa: ids.slice(1), backend: [[ids[0]]] }];
        });
        const { tasks = [] } = flatten(Object.fromEntries(phases));
        const { graph } = new DependencyGraphBuilder().build({ tasks });
        expect(graph?.levels).toEqual(drawn.flatMap((width, phase) => new Array(width).fill(phase)));
        expect(graph?.edgeCount).toBe(drawn.slice(1).reduce((sum, width, phase) => sum + width * drawn[phase]!, 0));
      }),
    );
  });

  test("anything JSON can say is either flattened or answered with problems", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (phases) => {
        const { tasks, problems } = flatten(phases);
        expect(tasks === undefined).toBe(problems !== undefined);
        expect(problems).not.toEqual([]);
      }),
    );
  });
});
