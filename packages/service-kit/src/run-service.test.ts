import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

test("a service that is told to stop while it is starting gives back what it holds, and ends with exit code 0", async () => {
  const program = join(import.meta.dirname, "test-fixtures", "starting-service.main.js");
  const service = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const lines: string[] = [];
  const reading = createInterface({ input: service.stdout }).on("line", (line) => {
    lines.push(line);
    if (line === "starting") service.kill("SIGTERM");
  });

  const [[code, signal]] = await Promise.all([once(service, "exit"), once(reading, "close")]);

  expect({ code, signal, lines }).toEqual({ code: 0, signal: null, lines: ["starting", "handed back"] });
});
