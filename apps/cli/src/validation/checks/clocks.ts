import { judged, type Finding, type HivelessCheck } from "../check.js";
import type { ClockReading } from "../store-probes.js";

/** Decisions compare no two clocks, but reports do: a recovery of 100 ms is nothing if the clocks differ by more. */
const MOST_DIFFERENCE_MS = 50;

export const clocksCheck: HivelessCheck = {
  id: "clocks",
  title: "Clocks of this machine, PostgreSQL and Redis",
  severity: "advised",
  wanted: `at most ${MOST_DIFFERENCE_MS} ms between any two`,
  run: async ({ stores }) =>
    judgeClocks({ PostgreSQL: await stores.postgresClock(), Redis: await stores.redisClock() }),
};

/** @param readings of the other clocks, by the name of whose they are. */
export function judgeClocks(readings: Record<string, ClockReading>): Finding {
  const clocks = [
    { name: "this machine", aheadMs: 0, uncertaintyMs: 0 },
    ...Object.entries(readings).map(([name, reading]) => ({ name, ...reading })),
  ];
  const pairs = clocks.flatMap((one, index) => clocks.slice(index + 1).map((other) => differenceOf(one, other)));
  const worst = pairs.reduce((most, pair) => (pair.certainMs > most.certainMs ? pair : most));
  return judged(
    worst.certainMs <= MOST_DIFFERENCE_MS,
    pairs
      .map(({ between, ms, uncertaintyMs }) => `${between}: ${ms.toFixed(1)} ± ${uncertaintyMs.toFixed(1)} ms`)
      .join(", "),
    `The clocks of ${worst.between} differ by ${Math.round(worst.ms)} ms. Have both machines keep the time by NTP (timedatectl set-ntp true).`,
    pairs.map(({ between, ms }) => ({ name: `clocks of ${between}`, value: ms, unit: "ms" })),
  );
}

interface Clock extends ClockReading {
  name: string;
}

/** What is within the uncertainty of the readings may be no difference at all. */
function differenceOf(one: Clock, other: Clock) {
  const ms = Math.abs(one.aheadMs - other.aheadMs);
  const uncertaintyMs = one.uncertaintyMs + other.uncertaintyMs;
  return { between: `${one.name} and ${other.name}`, ms, uncertaintyMs, certainMs: ms - uncertaintyMs };
}
