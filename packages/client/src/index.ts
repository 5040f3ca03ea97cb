export { EventRecorder } from "./event-recorder.js";
export { HiveClient, type HiveClientOptions, type WatchedEvent } from "./hive-client.js";
export { HiveApiError, HiveUnreachableError } from "./http-request.js";
export { ValidatorClient, type RunToMeasure } from "./validator-client.js";
export { workflow, WorkflowBuilder } from "./workflow-builder.js";
