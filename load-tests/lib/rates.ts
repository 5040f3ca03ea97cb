/** Load of so many messages a second, offered whether or not the hive keeps up: arrivals do not wait for answers. */
import type { ConstantArrivalRateScenario } from "k6/options";
import { MESSAGES_PER_WORKFLOW } from "./messages.ts";

/** Workflows in one request: few requests, and still many a second. */
export const WORKFLOWS_PER_REQUEST = 10;
const MESSAGES_PER_REQUEST = WORKFLOWS_PER_REQUEST * MESSAGES_PER_WORKFLOW;

/** Requests that may be under way at once; each needs a user. */
export const USERS = { preAllocatedVUs: 50, maxVUs: 400 };

/** Arrivals a minute, so that rates need not be whole numbers of requests a second. */
export const arrivalsPerMinute = (messagesPerSecond: number): number =>
  Math.max(1, Math.round((messagesPerSecond * 60) / MESSAGES_PER_REQUEST));

/** @param startAfterSeconds from the beginning of the run. */
export function steady(messagesPerSecond: number, seconds: number, startAfterSeconds = 0): ConstantArrivalRateScenario {
  return {
    executor: "constant-arrival-rate",
    rate: arrivalsPerMinute(messagesPerSecond),
    timeUnit: "1m",
    duration: `${seconds}s`,
    startTime: `${startAfterSeconds}s`,
    gracefulStop: "60s",
    ...USERS,
  };
}
