import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { LauncherError } from "../launcher-error.js";

// Below the range from which systems give ports to outgoing connections: a service that restarts must find its port
// free, and a port of that range could meanwhile belong to anyone's connection.
const FIRST_PORT = 20_000;
const END_PORT = 32_000;
const TRIES = 200;

/** Different ports on which nobody listens at 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  try {
    for (let tries = 0; held.length < count && tries < count + TRIES; tries += 1) {
      const port = randomInt(FIRST_PORT, END_PORT);
      const server = await listen(port);
      if (server) held.push({ port, server });
    }
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((closed) => server.close(closed))));
  }
  if (held.length < count) {
    throw new LauncherError(
      "NO_FREE_PORT",
      `Found ${held.length} of ${count} free ports at 127.0.0.1:${FIRST_PORT}-${END_PORT}.`,
    );
  }
  return held.map(({ port }) => port);
}

/** One such port. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
