import "reflect-metadata";
import type { StreamEntry } from "@agent-hive/contracts";
import { eventually } from "@agent-hive/testing";
import { Controller, Module, type INestMicroservice } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { Ctx, EventPattern, MessagePattern, Payload } from "@nestjs/microservices";
import { firstValueFrom } from "rxjs";
import { Bench } from "../test-fixtures/setup.js";
import { RedisStreamsClient } from "./redis-streams.client.js";
import { RedisStreamsContext } from "./redis-streams.context.js";
import { RedisStreamsServer } from "./redis-streams.server.js";

let bench: Bench;
let client: RedisStreamsClient;

beforeEach(async () => {
  bench = await Bench.open();
  client = new RedisStreamsClient(bench.manager);
});
afterEach(() => bench.close());

const emit = (stream: string, data: unknown) => firstValueFrom(client.emit<string>(stream, data));

async function serve(controller: new () => object): Promise<{ app: INestMicroservice; server: RedisStreamsServer }> {
  @Module({ controllers: [controller] })
  class TestModule {}
  const manager = await bench.anotherManager();
  const member = await bench.member({ manager });
  const server = new RedisStreamsServer({ manager, member, group: "readers", batchSize: 10 });
  const app = await NestFactory.createMicroservice(TestModule, { strategy: server, logger: false });
  bench.onClose(() => app.close());
  await app.listen();
  return { app, server };
}

/** What is in the stream, and how much of it was delivered. */
const left = async (name: string, group = "readers") => {
  const stream = bench.keys.stream(name);
  const { pending } = await bench.manager.groupInfo({ stream, group });
  return { ids: (await bench.entries(stream)).map(({ id }) => id), pending };
};

test("a handler gets whole batches with a context, and what it handled is acknowledged", async () => {
  const batches: StreamEntry[][] = [];
  @Controller()
  class Orders {
    @EventPattern<string>("orders")
    async on(@Payload() entries: StreamEntry[], @Ctx() context: RedisStreamsContext): Promise<void> {
      expect(context.address).toEqual({ stream: bench.keys.stream("orders"), group: "readers" });
      batches.push(entries);
    }
  }
  const emitted = await Promise.all([emit("orders", { n: "1" }), emit("orders", { n: "2" })]);
  await serve(Orders);
  await eventually(
    () => left("orders"),
    ({ ids }) => ids.length === 0,
  );
  expect(batches).toEqual([
    [
      { id: emitted[0], fields: { n: "1" } },
      { id: emitted[1], fields: { n: "2" } },
    ],
  ]);
});

test("a handler that throws, or whose stream fails, loses nothing: the batch is handed over again", async () => {
  let calls = 0;
  @Controller()
  class Orders {
    @EventPattern<string>("orders", { group: "other_readers" })
    on(): void {
      calls += 1;
      if (calls < 3) throw new Error("not yet");
    }
  }
  await emit("orders", { n: "1" });
  await serve(Orders);
  await eventually(
    () => calls,
    (count) => count > 0,
  );
  expect((await left("orders", "other_readers")).ids).toHaveLength(1);
  await eventually(
    () => left("orders", "other_readers"),
    ({ ids }) => ids.length === 0,
  );
  expect(calls).toBe(3);
});

test("what the handler's own script settled is left to it", async () => {
  @Controller()
  class Orders {
    @EventPattern<string>("orders")
    async on(@Payload() entries: StreamEntry[], @Ctx() context: RedisStreamsContext): Promise<void> {
      context.settled(entries.slice(0, 1).map(({ id }) => id));
      await context.acknowledge(entries.slice(1, 2).map(({ id }) => id));
    }
  }
  const [first] = await Promise.all(["1", "2", "3"].map((n) => emit("orders", { n })));
  await serve(Orders);
  await eventually(
    () => left("orders"),
    ({ ids }) => ids.length === 1,
  );
  await expect(left("orders")).resolves.toEqual({ ids: [first], pending: 1 });
});

test("closing waits for the batch in hand", async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  @Controller()
  class Orders {
    @EventPattern<string>("orders")
    async on(): Promise<void> {
      started.resolve();
      await release.promise;
    }
  }
  await emit("orders", { n: "1" });
  const { app } = await serve(Orders);
  await started.promise;
  const closed = app.close();
  release.resolve();
  await closed;
  await expect(left("orders")).resolves.toEqual({ ids: [], pending: 0 });
});

test("requests for replies are refused, on both sides, and so is an entry that is no record of strings", async () => {
  @Controller()
  class Orders {
    @MessagePattern("orders")
    on(): string {
      return "reply";
    }
  }
  await expect(serve(Orders)).rejects.toThrow("streams give no replies");
  await expect(firstValueFrom(client.send("orders", {}))).rejects.toThrow("streams give no replies");
  await expect(emit("orders", { n: 1 })).rejects.toThrow('"n" is none');
});
