import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** A Redis server of a test's own, to be wiped and stopped. */
export interface OwnRedis {
  url: string;
  stop(): Promise<void>;
}

/** @param flags further flags, e.g. `["--maxmemory-policy", "allkeys-lru"]`. */
export async function startOwnRedis(flags: string[] = []): Promise<OwnRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "engine-redis-"));
  const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", [...fixed, ...flags], { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on("error", () => undefined);
  await probe.ping();
  probe.disconnect();
  const stop = async (): Promise<void> => {
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
