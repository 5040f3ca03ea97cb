import type { TaskBuilder } from "@agent-hive/product-spec";
import { designDatabase } from "./database-design/design-database.js";
import { designSystem } from "./system-design/design-system.js";

/** What the architects' tasks do, without the hive around it. */
export const architectBuilders: Record<string, TaskBuilder> = {
  system_design: designSystem,
  database_design: designDatabase,
};
