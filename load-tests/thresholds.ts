/**
 * What a run must keep to. k6 ends with exit code 99 when one is missed. The figures are limits for a small machine that
 * runs hive and load generator together, not the product's targets: a smoke test tells that the way of a workflow is
 * whole, not how fast it is.
 */
export const SMOKE_THRESHOLDS = {
  // Every accepted workflow succeeds: nothing lost, nothing failed.
  workflows_succeeded: ["rate==1"],
  // Submission to the first look that finds it finished.
  workflow_duration: ["p(95)<5000"],
  "http_req_failed{operation:submit}": ["rate==0"],
  "http_req_duration{operation:submit}": ["p(95)<1000"],
};
