import type { GroupView } from "@agent-hive/contracts";
import { judged, skipped, type Finding } from "../../validation/check.js";
import { toMessage } from "../../validation/to-message.js";
import type { Examined, KnownService } from "../patient.js";

const ANSWER_WITHIN_MS = 2_000;

export const servicesCheck: Examined = {
  id: "services",
  title: "Services answer and are ready",
  severity: "needed",
  wanted: "all that are known",
  run: async ({ services }) => {
    if (services.length === 0) return skipped(NO_SERVICES);
    return judgeServices(
      await Promise.all(services.map(async (service) => ({ ...service, problem: await ask(service) }))),
    );
  },
};

const NO_SERVICES =
  "No service's address is known: set HIVE_URL and HIVE_COORDINATOR_URL, or give --url and --coordinator-url.";

/** @param services each with what is wrong with it; undefined if nothing is. */
export function judgeServices(services: (KnownService & { problem: string | undefined })[]): Finding {
  const ill = services.filter(({ problem }) => problem !== undefined);
  return judged(
    ill.length === 0,
    ill.length === 0
      ? `${services.length} ready`
      : ill.map(({ name, url, problem }) => `${name} (${url}): ${problem}`).join("; "),
    "See what they log; docs/runbooks/HiveServiceNotReady.md tells what each part means. Start those that are not there.",
  );
}

async function ask({ url }: KnownService): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (response.ok) return undefined;
    const { checks = {} } = (await response.json()) as { checks?: Record<string, { status: string; reason?: string }> };
    const down = Object.entries(checks).filter(([, { status }]) => status === "down");
    return down.map(([name, { reason }]) => `${name}: ${reason}`).join(", ") || `answers ${response.status}`;
  } catch (error) {
    return toMessage(error);
  }
}

export const groupsCheck: Examined = {
  id: "groups",
  title: "Groups have consumers",
  severity: "needed",
  wanted: "one or more that live, in each",
  run: async ({ client }) => (client === undefined ? skipped(NO_SERVICES) : judgeGroups(await client.groups())),
};

export function judgeGroups(
  groups: Pick<GroupView, "group" | "agentType" | "consumers" | "length" | "pending">[],
): Finding {
  const empty = groups.filter(({ consumers }) => !consumers.some(({ state }) => state === "live"));
  const figures = groups.map(({ group, consumers }) => ({ name: group, value: consumers.length, unit: "1" as const }));
  return judged(
    empty.length === 0,
    empty.length === 0
      ? groups.map(({ agentType, consumers }) => `${agentType} ${consumers.length}`).join(", ")
      : empty
          .map(({ group, length, pending }) => `${group} has none, and ${Math.max(0, length - pending)} entries wait`)
          .join("; "),
    "Start agents of these types; docs/runbooks/HiveGroupWithoutConsumers.md tells more.",
    figures,
  );
}
