/**
 * What a run must keep to. k6 ends with exit code 99 when one is missed. The figures are limits for a small machine that
 * runs hive and load generator together. What holds for all scenarios comes first.
 */

/** Nothing is lost, nothing fails, and nobody is turned away for good. */
const NOTHING_LOST = {
  workflows_not_succeeded: ["value==0"],
  submissions_refused: ["rate==0"],
};

export const SMOKE_THRESHOLDS = {
  // Every accepted workflow succeeds: nothing lost, nothing failed.
  workflows_succeeded: ["rate==1"],
  // Submission to the first look that finds it finished.
  workflow_duration: ["p(95)<5000"],
  "http_req_failed{operation:submit}": ["rate==0"],
  "http_req_duration{operation:submit}": ["p(95)<1000"],
};

/** As fast as it can, while everything waits that cannot be done at once. */
export const BURST_THRESHOLDS = {
  ...NOTHING_LOST,
  messages_per_second: ["value>=5000"],
};

/**
 * What was offered went through, from the first submission to the end of the last workflow.
 *
 * @param messagesPerSecond that are offered.
 */
export const rateThresholds = (messagesPerSecond: number) => ({
  ...NOTHING_LOST,
  messages_per_second: [`value>=${Math.floor(0.95 * messagesPerSecond)}`],
  workflow_duration: ["p(95)<5000"],
  "http_req_duration{operation:submit}": ["p(95)<1000"],
  dropped_iterations: ["count==0"],
});

/** More than the hive can do for a while: it may queue, and must come back. */
export const SPIKE_THRESHOLDS = {
  ...NOTHING_LOST,
  "http_req_duration{operation:submit}": ["p(95)<2000"],
};

/**
 * A step is held while no more is open at its end than two seconds of it. Above the floor a step is tried and not demanded.
 *
 * @param workflowsPerSecond of each step up to the floor; the later ones are listed all the same.
 */
export const stepThresholds = (steps: { name: string; workflowsPerSecond: number; isDemanded: boolean }[]) => ({
  ...NOTHING_LOST,
  ...Object.fromEntries(
    steps.map(({ name, workflowsPerSecond, isDemanded }) => [
      `open_workflows{step:${name}}`,
      [isDemanded ? `value<=${Math.ceil(2 * workflowsPerSecond)}` : "value>=0"],
    ]),
  ),
});
