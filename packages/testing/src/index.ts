export { freePort } from "@agent-hive/launcher";
export { cuttable, type Cuttable } from "./cuttable.js";
export { eventually, waitFor } from "./eventually.js";
export { OwnPostgres } from "./own-postgres.js";
export { OwnRedis } from "./own-redis.js";
export { createTestDatabase, type DatabaseTemplate, type TestDatabase } from "./postgres.js";
export { createTestRedis, type TestRedis } from "./redis.js";
export { storeUrl } from "./store-url.js";
