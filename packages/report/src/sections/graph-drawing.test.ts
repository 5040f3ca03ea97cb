import { edgePath } from "./graph-drawing.js";

/** The points at which the parts of a path end. */
const ends = (path: string): string[] => path.split(/(?=[MCL])/).map((part) => part.split(" ").slice(-2).join(" "));

test("a line leaves a box at its far side and reaches the next one at its near side", () => {
  const path = edgePath({ x: 80, y: 50 }, [], { x: 300, y: 120 }, "along");
  expect(path).toBe("M160.0 50.0C190.0 50.0 190.0 120.0 220.0 120.0");
  expect(edgePath({ x: 57, y: 28 }, [], { x: 57, y: 128 }, "down")).toBe("M57.0 56.0C57.0 78.0 57.0 78.0 57.0 100.0");
});

test("a line that crosses a layer goes straight as long as a box of it would be", () => {
  const path = edgePath({ x: 80, y: 0 }, [{ x: 300, y: 90 }], { x: 520, y: 0 }, "along");
  expect(ends(path)).toEqual(["M160.0 0.0", "220.0 90.0", "L380.0 90.0", "440.0 0.0"]);
});
