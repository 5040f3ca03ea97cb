/**
 * Orders to stand still at a moment of a task, in Redis: whoever simulates crashes places them, agents take them. Nothing of
 * this exists in a hive in which crashes are not simulated.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { momentOrderSchema, type Keys, type MomentOrder } from "@agent-hive/contracts";
import type { Moment, MomentOrders } from "./ports.js";

/** An agent does not stand still for longer, in case nobody comes to strike. */
const LONGEST_HOLD_MS = 30_000;
const RELEASE_POLL_MS = 10;

/** The task at whose moment an agent has arrived. */
export interface MomentArrival {
  moment: Moment;
  agentType: string;
  agentId: string;
  taskId: string;
}

export class RedisMomentOrders implements MomentOrders {
  private readonly redis: Redis;

  constructor(
    redisUrl: string,
    private readonly keys: Keys,
  ) {
    this.redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
    // A broken connection shows in the command that needs it.
    this.redis.on("error", () => undefined);
  }

  async place(order: Omit<MomentOrder, "id">): Promise<string> {
    const id = randomUUID();
    await this.redis.hset(this.keys.chaosOrders, id, JSON.stringify({ ...order, id }));
    return id;
  }

  async withdraw(orderId: string): Promise<void> {
    await this.redis.hdel(this.keys.chaosOrders, orderId);
  }

  async release(orderId: string): Promise<void> {
    await this.redis.srem(this.keys.chaosHeld, orderId);
  }

  /** For agents: takes an order that is meant for this moment, if there is one; nobody else gets it then. */
  async take(arrival: MomentArrival): Promise<string | undefined> {
    for (const text of Object.values(await this.redis.hgetall(this.keys.chaosOrders))) {
      const order = momentOrderSchema.parse(JSON.parse(text));
      if (isFor(order, arrival) && (await this.redis.hdel(this.keys.chaosOrders, order.id)) === 1) {
        await this.redis.sadd(this.keys.chaosHeld, order.id);
        return order.id;
      }
    }
    return undefined;
  }

  /** For agents: resolves when the order is released, at the latest after 30 s. */
  async standStill(orderId: string): Promise<void> {
    const giveUpAt = performance.now() + LONGEST_HOLD_MS;
    while (performance.now() < giveUpAt && (await this.redis.sismember(this.keys.chaosHeld, orderId)) === 1) {
      await delay(RELEASE_POLL_MS);
    }
    await this.release(orderId);
  }

  close(): void {
    this.redis.disconnect();
  }
}

function isFor(order: MomentOrder, arrival: MomentArrival): boolean {
  return (["moment", "agentType", "agentId", "taskId"] as const).every(
    (property) => order[property] === undefined || order[property] === arrival[property],
  );
}
