/**
 * A service for the launcher's tests: a health address, and whatever its settings ask for.
 * FIXTURE_STUBBORN: ignores SIGTERM. FIXTURE_FAIL: prints it and dies. FIXTURE_STOP_LOG: notes there when it is stopped.
 */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const { FIXTURE_FAIL, FIXTURE_STUBBORN, FIXTURE_STOP_LOG, HIVE_HTTP_PORT, HIVE_HTTP_HOST, HIVE_AGENT_ID } = process.env;

if (FIXTURE_FAIL) {
  console.error(FIXTURE_FAIL);
  process.exit(7);
}

const server = createServer((request, response) => {
  if (request.url === "/environment") response.end(JSON.stringify(process.env));
  else response.writeHead(request.url === "/health/ready" ? 200 : 404).end();
});
server.listen(Number(HIVE_HTTP_PORT), HIVE_HTTP_HOST, () =>
  console.log(`listening as ${HIVE_AGENT_ID ?? "a service"}`),
);

process.on("SIGTERM", () => {
  if (FIXTURE_STUBBORN) return;
  if (FIXTURE_STOP_LOG) appendFileSync(FIXTURE_STOP_LOG, `${HIVE_AGENT_ID}\n`);
  process.exit(0);
});
