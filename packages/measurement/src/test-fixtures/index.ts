/** Runs for whatever is made of measurements; exported as `@agent-hive/measurement/test-fixtures`, for tests alone. */
export { demonstrated, type DemonstratedOptions } from "./demonstrated.js";
export { soundRun } from "./sound-run.js";
