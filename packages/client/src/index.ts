export {
  HiveApiError,
  HiveClient,
  HiveUnreachableError,
  type HiveClientOptions,
  type WatchedEvent,
} from "./hive-client.js";
export { workflow, WorkflowBuilder } from "./workflow-builder.js";
