import type { Criterion } from "../demonstration/files/parts.js";
import type { Performance } from "./performance.js";

const round = (value: number): string => Math.round(value).toLocaleString("en");

/** Judges what was measured; what was not is not met. @param floor of messages a second. */
export function judgePerformance(
  performance: Pick<Performance, "sustained" | "atOnce">,
  floor: number,
  crowds: readonly number[],
): Criterion[] {
  return [sustainedFloor(performance, floor), nothingLost(performance), allAtOnce(performance, crowds)];
}

function sustainedFloor({ sustained }: Pick<Performance, "sustained">, floor: number): Criterion {
  const { measured = 0, seconds = 0, kills = 0 } = sustained ?? {};
  return {
    name: `${round(floor)} messages a second sustained`,
    met: measured >= floor,
    found:
      sustained === null
        ? "not measured"
        : `${round(measured)} messages/s for ${round(seconds)} s, ${kills} agents killed meanwhile`,
  };
}

function nothingLost({ sustained, atOnce }: Pick<Performance, "sustained" | "atOnce">): Criterion {
  const loads = [...(sustained ? [sustained] : []), ...atOnce];
  const sum = (of: "workflows" | "succeeded" | "kills" | "violations"): number =>
    loads.reduce((total, each) => total + each[of], 0);
  return {
    name: "nothing lost, nothing recorded twice under load",
    met: loads.length > 0 && sum("violations") === 0 && sum("succeeded") === sum("workflows") && sum("kills") > 0,
    found: `${round(sum("succeeded"))} of ${round(sum("workflows"))} workflows succeeded through ${sum("kills")} kills; violations: ${sum("violations")}`,
  };
}

function allAtOnce({ atOnce }: Pick<Performance, "atOnce">, crowds: readonly number[]): Criterion {
  const told = atOnce.map(
    ({ workflows, succeeded, seconds }) => `${round(succeeded)} of ${round(workflows)} in ${seconds.toFixed(1)} s`,
  );
  const most = Math.max(...crowds);
  return {
    name: `${round(most)} workflows at once`,
    met: atOnce.length === crowds.length && atOnce.every(({ workflows, succeeded }) => succeeded === workflows),
    found: told.length === 0 ? "not measured" : told.join("; "),
  };
}
