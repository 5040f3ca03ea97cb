export { EventRecorder } from "./event-recorder.js";
export {
  HiveApiError,
  HiveClient,
  HiveUnreachableError,
  type HiveClientOptions,
  type WatchedEvent,
} from "./hive-client.js";
export { workflow, WorkflowBuilder } from "./workflow-builder.js";
