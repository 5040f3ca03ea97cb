import { GroupWindows } from "./group-windows.js";

function setup(minimum = 16) {
  const clock = { now: 0 };
  return { clock, windows: new GroupWindows(["backend", "qa"], minimum, () => clock.now) };
}
const tasks = (count: number, agentType = "backend") => Array.from({ length: count }, () => ({ agentType }));

test("a group without consumers has the smallest window", () => {
  expect(setup().windows.free()).toEqual({ backend: 16, qa: 16 });
});

test("what was dispatched takes its place at once, and again as in flight once a script has told", () => {
  const { windows } = setup();
  windows.grant(tasks(10));
  expect(windows.free().backend).toBe(6);
  windows.observe({ backend: 10 });
  windows.release(tasks(10));
  expect(windows.free().backend).toBe(6);
  expect(windows.inFlight()).toEqual({ backend: 10, qa: 0 });
});

test("results give up their places in the same step, never more than are in flight", () => {
  const { windows } = setup();
  windows.observe({ backend: 16 });
  expect(windows.free({ backend: 4 }).backend).toBe(4);
  expect(windows.free({ backend: 400 }).backend).toBe(16);
});

test("overshot by others, there is no room, and never a negative one", () => {
  const { windows } = setup();
  windows.observe({ backend: 500 });
  expect(windows.free().backend).toBe(0);
});

test("slots and pace widen the window; the pace fades", () => {
  const { windows, clock } = setup();
  windows.provision({ backend: 50 });
  expect(windows.free()).toEqual({ backend: 100, qa: 16 });
  windows.completed(tasks(200));
  expect(windows.free().backend).toBe(200);
  clock.now += 10_000;
  expect(windows.free().backend).toBe(101);
  windows.provision({});
  expect(windows.free().backend).toBe(16);
});

test("types that are not configured are let pass", () => {
  const { windows } = setup();
  windows.grant(tasks(1, "juggler"));
  windows.observe({ juggler: 7 });
  expect(windows.free()).toEqual({ backend: 16, qa: 16 });
});
