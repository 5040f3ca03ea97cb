import fc from "fast-check";
import { editDistance, nearest, suggestion } from "./nearest.js";

describe("nearest", () => {
  const types = ["architects", "backend", "frontend", "qa"];
  test.each([
    ["bakend", ["backend"]],
    ["BACKEND", ["backend"]],
    ["fornt_end", ["frontend"]],
    ["architect", ["architects"]],
    ["aq", ["qa"]],
    ["designers", []],
    ["", []],
  ])("%p finds %p", (name, expected) => {
    expect(nearest(name, types)).toEqual(expected);
  });

  test("nearest come first, equals in the given order, and no more than the limit", () => {
    expect(nearest("task-10", ["task-123", "task-20", "task-1", "task-11", "task-10x"])).toEqual([
      "task-20",
      "task-1",
      "task-11",
    ]);
    expect(nearest("task-10", ["task-11", "task-10"], 1)).toEqual(["task-10"]);
  });
});

describe("suggestion", () => {
  test.each([
    ["bakend", ["backend", "qa"], 'Did you mean "backend"?'],
    ["designers", ["qa", "backend"], 'Known agent types: "qa", "backend".'],
    ["xyz", ["aaaa", "bbbb", "cccc", "dddd", "eeee"], 'Known agent types: "aaaa", "bbbb", "cccc" and 2 more.'],
    ["xyz", [], "There are no agent types."],
  ])("%p among %p", (name, known, expected) => {
    expect(suggestion(name, "agent types", known)).toBe(expected);
  });

  test("known names may come from an iterator, which can be walked only once", () => {
    expect(suggestion("xyz", "tasks", new Map([["fetch", 0]]).keys())).toBe('Known tasks: "fetch".');
  });

  test("only the first 2,000 names are searched, so that a hundred suggestions among 100,000 stay cheap", () => {
    const among = (size: number) => [...Array.from({ length: size - 1 }, (_, index) => `${index}`), "rank"];
    expect(suggestion("rnak", "tasks", among(2_000))).toBe('Did you mean "rank"?');
    expect(suggestion("rnak", "tasks", among(2_001))).toMatch(/^Known tasks: .* and 1998 more\.$/);
  });
});

describe("editDistance", () => {
  /** The textbook recursion over the whole table, without any cut-off. */
  function reference(a: string, b: string): number {
    const table = Array.from({ length: a.length + 1 }, (_, row) => [row]);
    for (let column = 0; column <= b.length; column++) table[0]![column] = column;
    for (let row = 1; row <= a.length; row++) {
      for (let column = 1; column <= b.length; column++) {
        const change = a[row - 1] === b[column - 1] ? 0 : 1;
        const swap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
        table[row]![column] = Math.min(
          table[row - 1]![column]! + 1,
          table[row]![column - 1]! + 1,
          table[row - 1]![column - 1]! + change,
          swap ? table[row - 2]![column - 2]! + 1 : Infinity,
        );
      }
    }
    return table[a.length]![b.length]!;
  }
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 9 });

  test("for any two words and any cut-off it is the true distance, or one more than the cut-off", () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 9 }), (a, b, cutOff) => {
        expect(editDistance(a, b, cutOff)).toBe(Math.min(reference(a, b), cutOff + 1));
      }),
      { numRuns: 5_000 },
    );
  });
});
