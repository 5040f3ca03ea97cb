import { renderToString } from "ink";
import { HiveScreen } from "./hive-screen.js";
import { EMPTY_SCREEN, type ScreenState } from "./screen-state.js";

const CONSUMERS = ["backend-1", "backend-2"].map((agentId, index) => ({ agentId, running: index }));

const task = (id: string, level: number, look: ScreenState["tasks"][number]["look"], agentId?: string, lost = 0) => ({
  id,
  level,
  look,
  agentId,
  lost,
  agentType: "backend",
  dependsOn: level === 0 ? [] : ["design"],
});

const STATE: ScreenState = {
  ...EMPTY_SCREEN,
  atMs: 8_400,
  phaseCount: 8,
  phases: [
    { title: "System initialisation", state: "done" },
    { title: "Agent crisis", state: "began" },
  ],
  told: "killed backend-1",
  workflow: { id: "w", name: "build-shop" },
  tasks: [
    task("design", 0, "succeeded", "backend-1"),
    task("api", 1, "running", "backend-2", 1),
    task("ui", 1, "waiting"),
  ],
  groups: [{ agentType: "backend", slots: 2, waiting: 3, consumers: CONSUMERS }],
  happenings: [{ atMs: 7_900, kind: "claim", text: "api is claimed by backend-2" }],
  perSecond: [1, 4, 2],
};

function lines(columns: number, rows: number, state = STATE): string[] {
  const text = renderToString(<HiveScreen title="Demonstration" state={state} columns={columns} rows={rows} />, {
    columns,
  });
  return text.replace(/\u001b\[[\d;]*m/g, "").split("\n");
}

test.each([
  [80, 24],
  [120, 40],
])("on %d x %d it says who runs what, what happens when, and fits", (columns, rows) => {
  const shown = lines(columns, rows);
  expect(shown.length).toBeLessThanOrEqual(rows);
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(columns);
  for (const text of [
    "build-shop: 1 of 3 tasks done",
    "8.4 s",
    "1 ✓ 2 ▶ 3 ·",
    "✓ design",
    "done by backend-1",
    "▶   api",
    "runs on backend-2",
    "once lost",
    "·   ui",
    "backend ○● 1 of 2 busy, 3 wait",
    "7.9 s api is claimed by backend-2",
    "▂█▄ 2",
  ])
    expect(shown.join("\n")).toContain(text);
});

test("what a task waits for is named where there is room", () => {
  expect(lines(120, 40).join("\n")).toContain("after design");
  expect(lines(80, 24).join("\n")).not.toContain("after design");
});

test("of many tasks the first are shown, and how many there are more", () => {
  const tasks = Array.from({ length: 100 }, (_, index) => task(`task_${index}`, 0, "waiting"));
  const shown = lines(80, 24, { ...STATE, tasks });
  expect(shown.length).toBeLessThanOrEqual(24);
  expect(shown.join("\n")).toMatch(/… and 8\d more/);
});

test("a terminal that is too small is told so", () => {
  expect(lines(60, 20).join(" ")).toContain("too small");
});
