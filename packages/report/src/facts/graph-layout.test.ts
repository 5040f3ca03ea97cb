import { demonstration } from "../test-fixtures/demonstration.js";
import { boxOf, layOut, type Direction } from "./graph-layout.js";

const { tasks } = demonstration().measurement;

test.each<Direction>(["along", "down"])(
  "%s the page, boxes lie within the drawing and never upon each other",
  (direction) => {
    const { width, height } = boxOf(direction);
    const layout = layOut(tasks, direction);
    for (const { x, y } of layout.tasks) {
      expect(x - width / 2).toBeGreaterThanOrEqual(0);
      expect(x + width / 2).toBeLessThanOrEqual(layout.width);
      expect(y + height / 2).toBeLessThanOrEqual(layout.height);
    }
    for (const one of layout.tasks)
      for (const other of layout.tasks)
        if (one !== other) expect(Math.abs(one.x - other.x) >= width || Math.abs(one.y - other.y) >= height).toBe(true);
  },
);

test("every dependency is drawn, and the critical path is one chain from a first to the last task", () => {
  const { edges } = layOut(tasks, "along");
  expect(edges).toHaveLength(tasks.flatMap(({ dependsOn }) => dependsOn).length);
  const path = edges.filter(({ isCritical }) => isCritical);
  expect(path).toHaveLength(tasks.filter(({ isCritical }) => isCritical).length - 1);
  expect(new Set(path.map(({ to }) => to)).size).toBe(path.length);
});

test("names that mean something to objects are names like others, and an unknown dependency draws nothing", () => {
  const odd = ["__proto__", "constructor", "\u0001"].map((taskId, position) => ({ ...tasks[0]!, taskId, position }));
  odd[1]!.dependsOn = ["__proto__", "nowhere"];
  expect(layOut(odd, "along").edges.map(({ from, to }) => [from.taskId, to.taskId])).toEqual([
    ["__proto__", "constructor"],
  ]);
});

test("no tasks make an empty drawing", () => {
  expect(layOut([], "down")).toMatchObject({ tasks: [], edges: [] });
});
