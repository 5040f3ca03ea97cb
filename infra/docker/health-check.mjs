// Asks the service in this container whether it can do its work; exit code 1 if not, with what it answered.
const url = `http://127.0.0.1:${process.env.HIVE_HTTP_PORT ?? 3000}/health/ready`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) end(`${response.status} ${await response.text()}`);
} catch (error) {
  end(String(error));
}

function end(reason) {
  console.error(reason);
  process.exit(1);
}
