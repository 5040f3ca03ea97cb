import type { TaskBuilder } from "@agent-hive/product-spec";
import { buildAuthUi } from "./auth-ui/build-auth-ui.js";
import { buildDashboard } from "./dashboard/build-dashboard.js";
import { buildComponents } from "./ui-components/build-components.js";

/** What the frontend developers' tasks do, without the hive around it. */
export const frontendBuilders: Record<string, TaskBuilder> = {
  ui_components: (_spec, outputs) => buildComponents(outputs),
  dashboard: (_spec, outputs) => buildDashboard(outputs),
  auth_ui: (_spec, outputs) => buildAuthUi(outputs),
};
