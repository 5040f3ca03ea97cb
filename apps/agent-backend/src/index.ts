import type { TaskBuilder } from "@agent-hive/product-spec";
import { developApi } from "./api-development/develop-api.js";
import { buildAuthSystem } from "./auth-system/build-auth-system.js";
import { integrateDatabase } from "./db-integration/integrate-database.js";

/** What the backend engineers' tasks do, without the hive around it. */
export const backendBuilders: Record<string, TaskBuilder> = {
  api_development: (_spec, outputs) => developApi(outputs),
  db_integration: (_spec, outputs) => integrateDatabase(outputs),
  auth_system: (_spec, outputs) => buildAuthSystem(outputs),
};
