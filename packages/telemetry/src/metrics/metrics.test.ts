import { count, observe, readOnDemand, renderMetrics, watchProcess } from "./metrics.js";

/** The lines of the text that begin with this name. */
const linesOf = async (name: string): Promise<string[]> =>
  (await renderMetrics()).split("\n").filter((line) => line.startsWith(name));

test("counters count, and tell nothing before there is something", async () => {
  expect(await linesOf("hive_results_total")).toEqual([]);
  count("hive_results_total", { verdict: "applied" }, 0);
  expect(await linesOf("hive_results_total")).toEqual([]);
  count("hive_results_total", { verdict: "applied" }, 3);
  count("hive_results_total", { verdict: "fenced" });
  count("hive_results_total", { verdict: "applied" });
  expect(await linesOf("hive_results_total")).toEqual([
    'hive_results_total{verdict="applied"} 4',
    'hive_results_total{verdict="fenced"} 1',
  ]);
});

test("times fall into buckets", async () => {
  observe("hive_transaction_duration_seconds", { transaction: "record" }, 0.002);
  observe("hive_transaction_duration_seconds", { transaction: "record" }, 9);
  expect(await linesOf("hive_transaction_duration_seconds")).toEqual(
    expect.arrayContaining([
      'hive_transaction_duration_seconds_bucket{le="0.0025",transaction="record"} 1',
      'hive_transaction_duration_seconds_bucket{le="5",transaction="record"} 1',
      'hive_transaction_duration_seconds_bucket{le="+Inf",transaction="record"} 2',
      'hive_transaction_duration_seconds_sum{transaction="record"} 9.002',
      'hive_transaction_duration_seconds_count{transaction="record"} 2',
    ]),
  );
});

test("what is read tells how it is now, of all who are there, and nothing of who has left", async () => {
  let busy = 1;
  const stopFirst = readOnDemand("hive_agent_running_tasks", () => [[{ agent_type: "qa" }, busy]]);
  const stopSecond = readOnDemand("hive_agent_running_tasks", () => [[{ agent_type: "qa" }, 10]]);
  expect(await linesOf("hive_agent_running_tasks")).toEqual(['hive_agent_running_tasks{agent_type="qa"} 11']);
  busy = 5;
  stopSecond();
  expect(await linesOf("hive_agent_running_tasks")).toEqual(['hive_agent_running_tasks{agent_type="qa"} 5']);
  stopFirst();
  expect(await linesOf("hive_agent_running_tasks")).toEqual([]);
});

test("counters that somebody counts anyway can be read too", async () => {
  const stop = readOnDemand("hive_agent_results_total", () => [[{ agent_type: "qa", outcome: "completed" }, 7]]);
  expect(await linesOf("hive_agent_results_total")).toEqual([
    'hive_agent_results_total{agent_type="qa",outcome="completed"} 7',
  ]);
  expect(await linesOf("hive_agent_results_total")).toHaveLength(1);
  stop();
});

test("the process tells of its memory, its time and its main loop, however often it is watched", async () => {
  watchProcess();
  watchProcess();
  const text = await renderMetrics();
  for (const name of [
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "nodejs_eventloop_lag_p99_seconds",
    "nodejs_heap_size_used_bytes",
  ]) {
    expect(text).toMatch(new RegExp(`^${name} [0-9.e+-]+$`, "m"));
  }
});
