import {
  judgeConnections,
  judgeDurability,
  judgeEviction,
  judgePersistence,
  judgePostgresVersion,
  judgeRedisVersion,
} from "./stores.js";

const DURABLE = { fsync: "on", full_page_writes: "on", synchronous_commit: "on" };

test.each([
  ["18.4", "held"],
  ["19beta1", "held"],
  ["17.6", "failed"],
  [undefined, "failed"],
])("PostgreSQL %s: %s", (version, state) => {
  expect(judgePostgresVersion(version)).toMatchObject({ state, found: `PostgreSQL ${version ?? "unknown"}` });
});

test.each([
  ["7.0.15", "held"],
  ["8.2.1", "held"],
  ["6.2.14", "failed"],
  [undefined, "failed"],
])("Redis %s: %s", (version, state) => {
  expect(judgeRedisVersion(version)).toMatchObject({ state, found: `Redis ${version ?? "unknown"}` });
});

test("commits that wait for the disk are durable, also with a standby", () => {
  expect(judgeDurability(DURABLE).state).toBe("held");
  expect(judgeDurability({ ...DURABLE, synchronous_commit: "remote_apply" }).state).toBe("held");
});

test.each([
  [{ fsync: "off" }, "fsync off", "Set fsync = on in"],
  [{ full_page_writes: "off" }, "full_page_writes off", "Set full_page_writes = on in"],
  [{ synchronous_commit: "off" }, "synchronous_commit off", "Set synchronous_commit = on in"],
  [{ fsync: "off", synchronous_commit: "off" }, "fsync off", "Set fsync = on and synchronous_commit = on in"],
  [{ synchronous_commit: undefined }, "synchronous_commit undefined", "Set synchronous_commit = on in"],
])("with %j nothing is sure to be kept", (setting, found, remedy) => {
  expect(judgeDurability({ ...DURABLE, ...setting })).toMatchObject({
    state: "failed",
    found: expect.stringContaining(found),
    remedy: expect.stringContaining(remedy),
  });
});

test("connections are enough if twenty are left beside those in use and those reserved", () => {
  expect(judgeConnections({ most: 100, reserved: 3, used: 77 }).state).toBe("held");
  expect(judgeConnections({ most: 100, reserved: 3, used: 78 })).toMatchObject({
    state: "failed",
    found: "19 left: max_connections 100, 3 reserved, 78 in use",
    remedy: expect.stringContaining("Set max_connections to 101 or more"),
  });
});

test("Redis must evict nothing", () => {
  expect(judgeEviction("noeviction").state).toBe("held");
  expect(judgeEviction("allkeys-lru")).toMatchObject({
    state: "failed",
    found: "maxmemory-policy allkeys-lru",
    remedy: expect.stringContaining("CONFIG SET maxmemory-policy noeviction"),
  });
});

test("an append-only file keeps what Redis has; snapshots lose the latest, and no answer is no proof", () => {
  expect(judgePersistence({ isAppendOnly: true, snapshots: "" }).state).toBe("held");
  expect(judgePersistence({ isAppendOnly: true, snapshots: undefined }).state).toBe("held");
  expect(judgePersistence({ isAppendOnly: false, snapshots: "3600 1" })).toMatchObject({
    state: "failed",
    found: "no append-only file, 3600 1",
    remedy: expect.stringContaining("CONFIG SET appendonly yes"),
  });
  expect(judgePersistence({ isAppendOnly: false, snapshots: "" })).toMatchObject({
    found: "no append-only file, no snapshots",
  });
});
