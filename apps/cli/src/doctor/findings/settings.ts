import type { Examination } from "@agent-hive/service-kit/settings";
import { failed, held, judged, type Finding } from "../../validation/check.js";
import type { Examined } from "../patient.js";

export const settingsCheck: Examined = {
  id: "settings",
  title: "Settings of this environment",
  severity: "needed",
  wanted: "all can be used, and no name is unknown",
  run: async ({ settings }) => judgeSettings(settings),
};

export function judgeSettings({
  problems,
  warnings,
  given,
}: Pick<Examination, "problems" | "warnings" | "given">): Finding {
  if (problems.length > 0)
    return failed(problems.join(" "), "Mend them; hive config shows each value and where it comes from.");
  return judged(
    warnings.length === 0,
    warnings.length === 0 ? (given.size === 0 ? "none given: defaults" : `${given.size} given`) : warnings.join(" "),
    "hive config shows each value and where it comes from.",
  );
}

/** What an account of Redis may do, as far as it is told. */
export interface RedisAccess {
  /** As whom this command is logged in. */
  user: string;
  /** Rules of the account `default`; undefined if they are not told to this one. */
  defaultRules: string[] | undefined;
}

export const redisAccessCheck: Examined = {
  id: "redis-access",
  title: "Who may use Redis",
  severity: "advised",
  wanted: "nobody without a password",
  run: async ({ stores }) => judgeRedisAccess(await stores!.redisAccess()),
};

export function judgeRedisAccess({ user, defaultRules }: RedisAccess): Finding {
  const who = `as "${user}"`;
  if (defaultRules === undefined) return held(`${who}; what others may do is not told to this account`);
  const isOpen = defaultRules.includes("on") && defaultRules.includes("nopass");
  return judged(
    !isOpen,
    isOpen
      ? `${who}; whoever reaches Redis may do what "default" may, without a password`
      : `${who}; nobody without a password`,
    "Set a password (requirepass), or give each service an account: docs/deployment.md tells how. Do not let Redis listen where others can reach it.",
  );
}
