// Compares the files of one demonstration with what PostgreSQL has, figure by figure.

/** PostgreSQL keeps microseconds, and a double of milliseconds since 1970 has about as many digits. */
const TOLERANCE_MS = 0.002;

/** @typedef {{ figure: string, file: string, shown: unknown, recomputed: unknown, isEqual: boolean }} Comparison */

/**
 * @param files their contents by name, the report's chart data as `report`.
 * @param records what recomputed.sql gives.
 * @returns {Comparison[]}
 */
export function compare(files, records) {
  /** @type {Comparison[]} */
  const found = [];
  const add = (file, figure, shown, recomputed) =>
    found.push({ figure, file, shown, recomputed, isEqual: isSame(shown, recomputed) });
  const all = (file, name, shown, recomputed) => {
    for (const [field, value] of Object.entries(recomputed)) add(file, `${name}.${field}`, shown?.[field], value);
  };

  const results = files["demonstration_results.json"];
  const RESULTS = "demonstration_results.json";
  all(RESULTS, "workflow", results.workflow, records.workflow);
  add(RESULTS, "makespanMs", results.makespanMs, records.makespanMs);
  add(RESULTS, "tasks", results.tasks.length, Object.keys(records.tasks).length);
  for (const task of results.tasks) all(RESULTS, `tasks.${task.taskId}`, task, records.tasks[task.taskId]);
  const attempts = results.attempts.toSorted(byTaskThenRecord);
  add(RESULTS, "attempts", attempts.length, records.attempts.length);
  records.attempts.toSorted(byTaskThenRecord).forEach((attempt, index) => {
    all(RESULTS, `attempts.${attempt.taskId}.${attempt.outcome}`, attempts[index], attempt);
  });
  for (const recovery of results.recoveries) {
    const own = recoveryOf(recovery, records.attempts);
    all(RESULTS, `recoveries.${recovery.agentId}.${recovery.taskId}`, recovery, own);
  }
  for (const kind of ["crash", "freeze"]) {
    const times = results.recoveries
      .filter((each) => each.kind === kind)
      .map((each) => recoveryOf(each, records.attempts).runningMs);
    const own = {
      count: times.length,
      p50: nearestRank(times, 0.5),
      p99: nearestRank(times, 0.99),
      max: nearestRank(times, 1),
    };
    all(RESULTS, `recoveryMs.${kind}`, results.recoveryMs[kind], own);
    const { p50Ms, p99Ms, maxMs } = files["phase2_summary.json"].figures[kind];
    all(
      "phase2_summary.json",
      kind,
      { p50: p50Ms, p99: p99Ms, max: maxMs },
      { p50: own.p50, p99: own.p99, max: own.max },
    );
    all("performance_analysis.json", `recoveryMs.${kind}`, files["performance_analysis.json"].recoveryMs[kind], own);
  }

  const { figures } = files["phase2_summary.json"];
  const seconds = files["performance_analysis.json"].window.seconds;
  const summary = {
    workflowMs: records.makespanMs,
    tasks: Object.keys(records.tasks).length,
    tasksRecordedOnce: records.tasksRecordedOnce,
    workflows: 1,
    workflowsSucceeded: records.workflow.state === "succeeded" ? 1 : 0,
    tasksPerSecond: records.recordedWithin / seconds,
  };
  all("phase2_summary.json", "figures", figures, summary);

  const analysis = files["performance_analysis.json"];
  const ANALYSIS = "performance_analysis.json";
  all(ANALYSIS, "queueingMs", analysis.queueingMs, records.queueingMs);
  all(ANALYSIS, "runningMs", analysis.runningMs, records.runningMs);
  const messagesOf = (stream) => analysis.throughput.streams.find((each) => each.stream.endsWith(stream))?.messages;
  add(ANALYSIS, "dispatches", messagesOf("workflow:dispatch"), records.dispatched);
  // Lost deliveries are told there, too.
  add(ANALYSIS, "results", messagesOf("workflow:results"), records.resultsWithin);
  const { series } = analysis.throughput;
  series.forEach(({ atMs, inFlight }, index) => {
    if (index === series.length - 1) return; // its end is the window's, a moment after the records were read
    const open = records.attempts.filter(
      ({ outcome, dispatchedAtMs, recordedAtMs }) =>
        outcome === "succeeded" && dispatchedAtMs <= atMs && recordedAtMs > atMs,
    );
    add(ANALYSIS, `series.${index}.inFlight`, inFlight, open.length);
  });

  for (const { group, consumers } of files["consumer_group_metrics.json"].groups) {
    for (const { incarnation, recorded, lost } of consumers) {
      const own = { recorded: records.recordedBy[incarnation] ?? 0, lost: records.lostWith?.[incarnation] ?? 0 };
      all("consumer_group_metrics.json", `${group}.${incarnation}`, { recorded, lost }, own);
    }
  }

  const spans = files["workflow_execution_trace.json"].resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans),
  );
  const TRACE = "workflow_execution_trace.json";
  add(TRACE, "trace ids", [...new Set(spans.map(({ traceId }) => traceId))], [records.workflow.traceId]);
  const root = spans.find(({ parentSpanId }) => !parentSpanId);
  add(
    TRACE,
    "begin of the workflow",
    Number(BigInt(root.startTimeUnixNano) / 1000n) / 1000,
    records.workflow.createdAtMs,
  );
  add(TRACE, "end of the workflow", Number(BigInt(root.endTimeUnixNano) / 1000n) / 1000, records.workflow.finishedAtMs);

  const { timeline, recoveries } = files.report;
  add(
    "report",
    "bars of the timeline",
    timeline.bars.length,
    records.attempts.filter(({ startedAtMs }) => startedAtMs !== null).length,
  );
  add("report", "recoveries", recoveries.bars.length, results.recoveries.length);
  return found;
}

/** Lies, one a file, each of which the comparison has to notice. */
const LIES = {
  "demonstration_results.json": (file) => file.tasks[0].attempts++,
  "phase2_summary.json": (file) => (file.figures.crash.p50Ms += 1),
  "performance_analysis.json": (file) => (file.queueingMs.p95 += 1),
  "consumer_group_metrics.json": (file) => file.groups[0].consumers[0].recorded++,
  "workflow_execution_trace.json": (file) => (file.resourceSpans[0].scopeSpans[0].spans[0].traceId = "0"),
  report: (charts) => charts.timeline.bars.pop(),
};

/** @returns the files in which a lie was not noticed. */
export function unnoticedLies(files, records) {
  const honest = compare(files, records).filter(({ isEqual }) => !isEqual).length;
  return Object.entries(LIES).flatMap(([name, lie]) => {
    const file = structuredClone(files[name]);
    lie(file);
    const seen = compare({ ...files, [name]: file }, records).filter(({ isEqual }) => !isEqual).length;
    return seen > honest ? [] : [name];
  });
}

const byTaskThenRecord = (one, other) =>
  one.taskId.localeCompare(other.taskId) ||
  one.recordedAtMs - other.recordedAtMs ||
  one.outcome.localeCompare(other.outcome);

/** From the act to the first start of the task in another process, and to its first record by one. */
function recoveryOf({ incarnation, taskId, atMs }, attempts) {
  const elsewhere = attempts.filter(
    (each) => each.taskId === taskId && each.incarnation !== incarnation && each.startedAtMs !== null,
  );
  const starts = elsewhere.map(({ startedAtMs }) => startedAtMs).filter((ms) => ms >= atMs);
  const records = elsewhere.filter(({ outcome }) => outcome === "succeeded").map(({ recordedAtMs }) => recordedAtMs);
  return { runningMs: Math.min(...starts) - atMs, recordedMs: Math.min(...records) - atMs };
}

function nearestRank(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function isSame(shown, recomputed) {
  if (typeof shown === "number" && typeof recomputed === "number") return Math.abs(shown - recomputed) <= TOLERANCE_MS;
  return JSON.stringify(shown) === JSON.stringify(recomputed);
}
