import { eventually, OwnRedis } from "@agent-hive/testing";
import { CommandTimeoutError, ConnectionLostError } from "./errors.js";
import { RedisConnection } from "./redis-connection.js";

let redis: OwnRedis;
let connection: RedisConnection;

beforeEach(async () => {
  redis = await OwnRedis.start();
  connection = new RedisConnection({ url: redis.url, name: "test", commandTimeoutMs: 300 });
  await connection.connect();
});
afterEach(async () => {
  connection.close();
  await redis.stop();
});

test("a command that a frozen server does not answer ends at its deadline, and the connection is replaced", async () => {
  const before = connection.identity!;
  redis.freeze();
  await expect(connection.call("PING", [])).rejects.toThrow(CommandTimeoutError);
  redis.thaw();
  const isNew = (clientId?: string): boolean => clientId !== undefined && clientId !== before.clientId;
  await eventually(() => connection.identity?.clientId, isNew);
  expect(connection.identity!.runId).toBe(before.runId);
});

test("what is unanswered when the connection breaks is rejected at once and never sent again", async () => {
  await connection.call("DEL", ["list"]);
  const blocked = connection.call("BLPOP", ["list", "5"], 5_000);
  const refused = expect(blocked).rejects.toThrow(ConnectionLostError);
  const { clientId } = connection.identity!;
  const other = new RedisConnection({ url: redis.url, name: "other" });
  await other.connect();
  await other.call("CLIENT", ["KILL", "ID", clientId]);
  await refused;
  await eventually(
    () => connection.identity,
    (identity) => identity !== undefined && identity.clientId !== clientId,
  );
  await expect(other.call("INFO", ["clients"])).resolves.toContain("blocked_clients:0");
  other.close();
});

test("after a restart there is another run id, and commands sent meanwhile go through", async () => {
  const before = connection.identity!;
  await redis.kill();
  await eventually(
    () => connection.identity,
    (identity) => identity === undefined,
  );
  const [answer] = await Promise.all([retried(() => connection.call("PING", [])), redis.start()]);
  expect(answer).toBe("PONG");
  await eventually(
    () => connection.identity,
    (identity) => identity !== undefined && identity.runId !== before.runId,
  );
});

test("a closed connection refuses commands, ends waiting ones, and may be closed again", async () => {
  await redis.kill();
  const waiting = connection.connect();
  await eventually(
    () => connection.identity,
    (identity) => identity === undefined,
  );
  const connecting = connection.connect();
  connection.close();
  connection.close();
  await waiting.catch(() => undefined);
  await expect(connecting).rejects.toThrow(ConnectionLostError);
  await expect(connection.call("PING", [])).rejects.toThrow(ConnectionLostError);
  await expect(connection.connect()).rejects.toThrow(ConnectionLostError);
});

async function retried<T>(action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
