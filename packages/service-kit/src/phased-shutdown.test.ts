import { silentLogger } from "@agent-hive/telemetry";
import { PhasedShutdown } from "./phased-shutdown.js";

function setup() {
  const order: string[] = [];
  return { order, shutdown: new PhasedShutdown(silentLogger) };
}

test("phases run in order, whatever the order of registration", async () => {
  const { order, shutdown } = setup();
  shutdown.add("close", "connections", () => void order.push("close"));
  shutdown.add("quiet", "reader", () => void order.push("quiet"));
  shutdown.add("hand-back", "rest", () => void order.push("hand-back"));
  shutdown.add("drain", "tasks", () => void order.push("drain"));
  await shutdown.stop();
  expect(order).toEqual(["quiet", "drain", "hand-back", "close"]);
});

test("a step that fails does not keep the later ones from running", async () => {
  const { order, shutdown } = setup();
  shutdown.add("quiet", "reader", () => Promise.reject(new Error("reader is gone")));
  shutdown.add("close", "connections", () => void order.push("close"));
  await shutdown.stop();
  expect(order).toEqual(["close"]);
});

test("a step that never ends is left behind at its limit", async () => {
  const { order, shutdown } = setup();
  shutdown.add("drain", "stuck", () => new Promise<void>(() => undefined), 20);
  shutdown.add("close", "connections", () => void order.push("close"));
  await shutdown.stop();
  expect(order).toEqual(["close"]);
});

test("a second call hurries the first", async () => {
  const { order, shutdown } = setup();
  shutdown.add("drain", "stuck", () => new Promise<void>(() => undefined), 60_000);
  shutdown.add("close", "connections", () => void order.push("close"));
  await Promise.all([shutdown.stop(), shutdown.stop()]);
  expect(order).toEqual(["close"]);
});
