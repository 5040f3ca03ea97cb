/** The set-up's last step: a Redis server is found, or fetched now rather than in the middle of the first run. */
import { findRedis } from "./redis-binary.js";

try {
  await findRedis({ onProgress: (message) => console.log(message) });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
