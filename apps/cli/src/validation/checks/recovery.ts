/** What a hive is for: the process that works on a task is killed or frozen for real, and the task goes on elsewhere. */
import type { AgentType } from "@agent-hive/launcher";
import { loadTargets, percentile, type Target } from "@agent-hive/measurement";
import { duration } from "../../terminal/print.js";
import { processesOf, wholeGroup } from "../agents.js";
import { judged, skipped, type Bench, type Check, type Finding } from "../check.js";
import { strike, type Struck } from "../strike.js";
import type { Figure } from "../validation-results.js";
import { lackOfHandlers } from "../workload.js";

const KILLS = { quick: 1, full: 3 };
const TARGETS = { crash: "crash-recovery-p99", freeze: "freeze-recovery-p99" } as const;
const WORDS = { crash: "kill", freeze: "freeze" } as const;

/** That a killed process's task runs elsewhere in time, and is recorded once. */
export function crashCheck(agentType: AgentType): Check {
  return {
    id: `crash-${agentType}`,
    title: `SIGKILL to an agent of "${agentType}" that holds a task`,
    severity: "needed",
    wanted: wantedOf(targetOf("crash"), "its result recorded once"),
    run: (bench) => strikeSeveral(bench, agentType, "crash", bench.quick ? KILLS.quick : KILLS.full),
  };
}

/** That a frozen process's task runs elsewhere in time, and its own late result is refused. */
export function freezeCheck(agentType: AgentType): Check {
  return {
    id: `freeze-${agentType}`,
    title: `SIGSTOP to an agent of "${agentType}" that holds a result`,
    severity: "needed",
    wanted: wantedOf(targetOf("freeze"), "its result recorded once, the late one refused"),
    run: (bench) => strikeSeveral(bench, agentType, "freeze", 1),
  };
}

async function strikeSeveral(bench: Bench, agentType: AgentType, act: Struck["act"], times: number): Promise<Finding> {
  const processes = processesOf(bench.hive, agentType);
  if (processes < 2) return skipped(`With ${processes} process of "${agentType}" there is no other to go on.`);
  const lack = lackOfHandlers(await wholeGroup(bench, agentType));
  if (lack !== undefined) return skipped(lack);
  const struck: Struck[] = [];
  for (let time = 1; time <= times; time++) {
    bench.tell(`${WORDS[act]} ${time} of ${times}`);
    struck.push(await strike(bench, agentType, act));
  }
  return judgeStrikes(struck, targetOf(act));
}

/** @param struck at least one. */
export function judgeStrikes(struck: Struck[], target: Pick<Target, "floor" | "aim">): Finding {
  const { floor, aim } = target;
  const problems = struck.flatMap((each) => problemsOf(each, floor ?? Infinity));
  const times = struck.flatMap(({ runningMs }) => runningMs ?? []);
  const slowest = times.length === 0 ? "never" : duration(Math.max(...times));
  const isAimMet = aim !== null && times.every((ms) => ms <= aim);
  const howOften = struck.length === 1 ? "once" : `${struck.length} times`;
  const what = `struck ${howOften}: running elsewhere after ${slowest} at most, recorded once`;
  return judged(
    problems.length === 0,
    problems.length === 0 ? `${what}${isAimMet ? ` (aim ${aim} ms met)` : ""}` : problems.join("; "),
    "See what the coordinator logs of its verdict, and what the other agents of the group log of the claim. With the machine out of processors, give it more.",
    figuresOf(struck),
  );
}

function problemsOf(
  { act, agentId, state, runningMs, recorded, lateResultRefused }: Struck,
  floorMs: number,
): string[] {
  const who = `${agentId}, struck by a ${WORDS[act]}:`;
  return [
    ...(state === "succeeded" ? [] : [`${who} its workflow ${state}`]),
    ...(runningMs === null ? [`${who} its task never ran elsewhere`] : []),
    ...(runningMs !== null && runningMs > floorMs
      ? [`${who} its task ran elsewhere after ${duration(runningMs)}, ${duration(floorMs)} at most`]
      : []),
    ...(recorded === 1 ? [] : [`${who} the result of its task was recorded ${recorded} times`]),
    ...(lateResultRefused === false ? [`${who} its late result was not refused`] : []),
  ];
}

function figuresOf(struck: Struck[]): Figure[] {
  const times = struck.flatMap(({ runningMs }) => runningMs ?? []);
  const noticed = struck.flatMap(({ noticedMs }) => noticedMs ?? []);
  const word = WORDS[struck[0]!.act];
  return [
    ...figure(`${word} to verdict, median`, percentile(noticed, 0.5)),
    ...figure(`${word} to running elsewhere, median`, percentile(times, 0.5)),
    ...figure(`${word} to running elsewhere, slowest`, percentile(times, 1)),
  ];
}

const figure = (name: string, value: number | null): Figure[] => (value === null ? [] : [{ name, value, unit: "ms" }]);

function targetOf(act: Struck["act"]): Target {
  return loadTargets().find(({ id }) => id === TARGETS[act])!;
}

function wantedOf({ floor, aim }: Target, also: string): string {
  const within = floor === null ? "" : ` within ${duration(floor)}`;
  const aimed = aim === null ? "" : ` (aim ${duration(aim)})`;
  return `the task runs elsewhere${within}${aimed}, ${also}`;
}
