import { randomUUID } from "node:crypto";
import { createKeys } from "@agent-hive/contracts";
import { storeUrl } from "@agent-hive/testing";
import { RedisMomentOrders } from "./redis-moment-orders.js";

const ARRIVAL = { moment: "started", agentType: "backend", agentId: "backend-1", taskId: "auth_system" } as const;

function setup() {
  const orders = new RedisMomentOrders(storeUrl("REDIS_URL"), createKeys(`chaos-${randomUUID()}:`));
  opened.push(orders);
  return orders;
}

const opened: RedisMomentOrders[] = [];
afterEach(() => {
  for (const orders of opened.splice(0)) orders.close();
});

test("of all agents that come to the moment, one takes the order", async () => {
  const orders = setup();
  const id = await orders.place({ moment: "started", agentType: "backend" });
  const taken = await Promise.all(Array.from({ length: 10 }, () => orders.take(ARRIVAL)));
  expect(taken.filter((each) => each !== undefined)).toEqual([id]);
});

test("an order for another moment, type, agent or task is left alone", async () => {
  const orders = setup();
  await orders.place({ moment: "finished" });
  await orders.place({ moment: "started", agentType: "qa" });
  await orders.place({ moment: "started", agentId: "backend-2" });
  await orders.place({ moment: "started", taskId: "dashboard" });
  expect(await orders.take(ARRIVAL)).toBeUndefined();
});

test("whoever stands still goes on when it is released", async () => {
  const orders = setup();
  await orders.place({ moment: "started" });
  const id = await orders.take(ARRIVAL);
  const standing = orders.standStill(id!);
  await expect(Promise.race([standing, Promise.resolve("still")])).resolves.toBe("still");
  await orders.release(id!);
  await standing;
});

test("an order that was taken back holds nobody", async () => {
  const orders = setup();
  await orders.withdraw(await orders.place({ moment: "started" }));
  expect(await orders.take(ARRIVAL)).toBeUndefined();
});
