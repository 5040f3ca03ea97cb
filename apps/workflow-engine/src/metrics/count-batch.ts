import type { Batch, RecordedBatch, ResultRow } from "@agent-hive/persistence";
import { count, observe } from "@agent-hive/telemetry";
import { countByType } from "../advancing/group-windows.js";

/** Counts what agents reported and what became of it, once it is committed. */
export function countBatch({ results = [], crashes = [], deadLetters = [] }: Batch, { verdicts }: RecordedBatch): void {
  for (const [verdict, by] of Object.entries(countOf(verdicts, (each) => each))) {
    count("hive_results_total", { verdict }, by);
  }
  const applied = results.filter((_result, index) => verdicts[index] === "applied");
  for (const [agentType, ofType] of Map.groupBy(applied, (result) => result.agentType)) {
    countApplied(agentType, ofType);
  }
  for (const [agentType, by] of Object.entries(countByType(crashes))) {
    count("hive_crashed_deliveries_total", { agent_type: agentType }, by);
  }
  for (const [reason, by] of Object.entries(countOf(deadLetters, (letter) => letter.reason))) {
    count("hive_dead_letters_total", { reason }, by);
  }
}

function countApplied(agentType: string, results: readonly ResultRow[]): void {
  for (const { runMs } of results) observe("hive_attempt_duration_seconds", { agent_type: agentType }, runMs / 1000);
  for (const [outcome, by] of Object.entries(countOf(results, (result) => result.outcome.status))) {
    count("hive_attempts_total", { agent_type: agentType, outcome }, by);
  }
}

function countOf<Item, Kind extends string>(
  items: readonly Item[],
  kindOf: (item: Item) => Kind,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[kindOf(item)] = (counts[kindOf(item)] ?? 0) + 1;
  return counts;
}
