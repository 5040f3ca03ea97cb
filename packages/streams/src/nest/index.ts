export { RedisStreamsClient } from "./redis-streams.client.js";
export { RedisStreamsContext } from "./redis-streams.context.js";
export { REDIS_STREAMS_TRANSPORT, RedisStreamsServer, type RedisStreamsServerOptions } from "./redis-streams.server.js";
