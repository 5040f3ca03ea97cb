/** Scenarios for whatever must do as the model does; exported as `@agent-hive/domain/test-fixtures`, for tests alone. */
export {
  type Action,
  answer,
  type Answer,
  type NamedAttempt,
  type NamedBatch,
  type Start,
  type StartTask,
  TIMED_OUT,
} from "./actions.js";
export { attemptsOf, Director, streamOf, TIMEOUTS_MS } from "./director.js";
export { AGENT_TYPES } from "./random-dag.js";
export { type HiveEvent, someRounds, someScenario } from "./some-scenario.js";
