export { createTestDatabase, type DatabaseTemplate, type TestDatabase } from "./postgres.js";
export { createTestRedis, type TestRedis } from "./redis.js";
export { storeUrl } from "./store-url.js";
