import { readOnDemand } from "@agent-hive/telemetry";
import type { GroupWindows } from "../advancing/group-windows.js";
import type { BacklogGuard } from "../submission/backlog-guard.js";

/** Has the metrics tell how things stand in this engine. @returns a function that ends it. */
export function gaugeEngine(
  windows: Pick<GroupWindows, "inFlight" | "free">,
  backlog: Pick<BacklogGuard, "waiting">,
): () => void {
  const stops = [
    readOnDemand("hive_in_flight_tasks", () => byType(windows.inFlight())),
    readOnDemand("hive_window_free_tasks", () => byType(windows.free())),
    readOnDemand("hive_backlog_tasks", () => [[{}, backlog.waiting]]),
  ];
  return () => stops.forEach((stop) => stop());
}

const byType = (counts: Record<string, number>): [{ agent_type: string }, number][] =>
  Object.entries(counts).map(([name, value]) => [{ agent_type: name }, value]);
