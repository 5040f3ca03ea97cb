import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningApplication } from "./running-application.js";

/** The least that starts: it says where it listens, and which folder it is in. */
const SERVER = `
  import { createServer } from "node:http";
  const server = createServer((request, response) => response.end(JSON.stringify({ folder: process.cwd(), env: process.env })));
  server.listen(0, "127.0.0.1", () => console.log("Listening on http://127.0.0.1:" + server.address().port));
  process.once("SIGTERM", () => { server.close(); server.closeAllConnections(); });
`;
const never = new AbortController().signal;
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("hive-qa-"));

interface Told {
  folder: string;
  env: Record<string, string>;
}
const ask = async (application: RunningApplication): Promise<Told> =>
  (await (await fetch(application.url)).json()) as Told;

test("an application runs in a folder of its own, without this process's settings, and leaves nothing behind", async () => {
  process.env["HIVE_TEST_SECRET"] = "x";
  const application = await RunningApplication.start(
    { "server.js": SERVER, "package.json": '{"type":"module"}' },
    never,
  );
  const { folder, env } = await ask(application);
  expect(existsSync(folder)).toBe(true);
  expect(env).not.toHaveProperty("HIVE_TEST_SECRET");
  await application.dispose();
  await application.dispose();
  expect(existsSync(folder)).toBe(false);
  await expect(fetch(application.url)).rejects.toThrow();
});

test("it stops cleanly and starts again", async () => {
  const application = await RunningApplication.start(
    { "server.js": SERVER, "package.json": '{"type":"module"}' },
    never,
  );
  const { folder } = await ask(application);
  expect(await application.restart(never)).toBe(0);
  expect((await ask(application)).folder).toBe(folder);
  await application.dispose();
});

test("an application that does not start says what it printed, and is gone", async () => {
  const before = folders();
  await expect(RunningApplication.start({ "server.js": "throw new Error('no database')" }, never)).rejects.toThrow(
    /ended with exit code 1 before it listened[^]*no database/,
  );
  expect(folders()).toEqual(before);
});

test("starting can be given up", async () => {
  const before = folders();
  const controller = new AbortController();
  const starting = RunningApplication.start({ "server.js": "setInterval(() => {}, 1000)" }, controller.signal);
  controller.abort();
  await expect(starting).rejects.toThrow();
  expect(folders()).toEqual(before);
});

test("when the agent is killed, the application ends by itself and takes its folder along", async () => {
  const module = JSON.stringify(join(import.meta.dirname, "running-application.js"));
  const agent = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `const { RunningApplication } = await import(${module});
       const files = { "server.js": ${JSON.stringify(SERVER)}, "package.json": '{"type":"module"}' };
       const application = await RunningApplication.start(files, new AbortController().signal);
       console.log(JSON.stringify({ url: application.url, folder: (await (await fetch(application.url)).json()).folder }));
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env["PATH"] } },
  );
  const [line] = (await once(agent.stdout, "data")) as [Buffer];
  const { url, folder } = JSON.parse(line.toString()) as { url: string; folder: string };
  const connection = connect(Number(new URL(url).port), "127.0.0.1");
  await once(connection, "connect");
  agent.kill("SIGKILL");
  // Removing the folder comes first, and the process's end closes its connections.
  await once(connection, "close");
  expect(existsSync(folder)).toBe(false);
});
