import { once } from "node:events";
import { createServer } from "node:net";
import { freePorts } from "./free-ports.js";

test("free ports are different, and can be listened on", async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);

  const servers = ports.map((port) => createServer().listen(port, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
});
