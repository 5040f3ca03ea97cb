import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { API_LIMITS } from "@agent-hive/contracts";
import { commonOptions, type ServiceOptions } from "@agent-hive/service-kit";
import { SERVICE_NAME, type EngineSettings } from "./config.js";
import { serveApiDescription } from "./http/open-api.js";
import { bodyProblem, readRequestBodies } from "./http/request-bodies.js";
import { SchemaPipe } from "./http/schema.pipe.js";
import { problemOfStoreError } from "./http/store-problems.js";
import { WorkflowEngineModule } from "./workflow-engine.module.js";

/** The engine as a service: what `runService` and tests start. */
export function engineService(settings: EngineSettings): ServiceOptions {
  return {
    ...commonOptions(SERVICE_NAME, settings),
    module: WorkflowEngineModule.forSettings(settings),
    bodyLimitBytes: API_LIMITS.bodyBytes,
    toProblem: (thrown) => bodyProblem(thrown) ?? problemOfStoreError(thrown),
    configure,
  };
}

function configure(app: NestFastifyApplication): void {
  readRequestBodies(app);
  app.useGlobalPipes(new SchemaPipe());
  serveApiDescription(app);
}
