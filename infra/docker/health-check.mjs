// Asks the service in this container whether it can do its work; exit code 1 if not, with what it answered.
import { get } from "node:http";

const port = process.env.HIVE_HTTP_PORT ?? 3000;
get({ host: "127.0.0.1", port, path: "/health/ready", timeout: 2_000 }, async (response) => {
  const answer = await response.toArray();
  if (response.statusCode === 200) process.exit(0);
  end(`${response.statusCode} ${Buffer.concat(answer)}`);
})
  .on("error", (error) => end(error.message))
  .on("timeout", () => end("no answer within 2 s"));

function end(reason) {
  console.error(reason);
  process.exit(1);
}
