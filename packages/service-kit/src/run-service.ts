import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { Module, type DynamicModule, type Type } from "@nestjs/common";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { createLogger, startTracing, stopTracing, type LogLevel, type Logger } from "@agent-hive/telemetry";
import { guardRoutes } from "./access/guard.js";
import { Health } from "./health.js";
import { NestLogger } from "./nest-logger.js";
import { PhasedShutdown } from "./phased-shutdown.js";
import { answerOtherMethods } from "./other-methods.js";
import { PROBLEM_MEDIA_TYPE, ProblemFilter, type ProblemTranslation } from "./problem.filter.js";
import { problemOfStatus } from "./problem.js";
import { processName } from "./process-name.js";
import { serveLogLevel } from "./serve-log-level.js";
import { serveMetrics } from "./serve-metrics.js";
import { ServiceCoreModule } from "./service-core.module.js";
import { refuseConnection } from "./refuse-connection.js";
import { SettingsError } from "./settings/settings-error.js";

/** How a service is started. */
export interface ServiceOptions {
  /** Name in logs and health, e.g. `workflow-engine`. */
  name: string;
  /** The service's own module. `LOGGER`, `Health` and `PhasedShutdown` can be injected in it. */
  module: Type | DynamicModule;
  host: string;
  /** 0 lets the system choose; the port taken is in the log line "listening". */
  port: number;
  logLevel: LogLevel;
  agentId?: string;
  /** Where spans go, by OTLP over HTTP. Default: none are written. */
  otlpEndpoint?: string;
  /** Whether handlers run in it, whose calls are traced too. Default false. */
  hasHandlers?: boolean;
  /** The keys that requests need. Without them the service listens at the loopback only. */
  apiKeysFile?: string;
  /** Largest request body, in bytes. Default 1 MiB. */
  bodyLimitBytes?: number;
  /** How long a client may take to send one request, head and body. Default 60,000 ms. */
  requestTimeoutMs?: number;
  /** Turns the service's own errors into problems; all others are known or answered with status 500. */
  toProblem?: ProblemTranslation;
  /** Last touches before the service listens: pipes, OpenAPI. */
  configure?: (app: NestFastifyApplication) => Promise<void> | void;
}

/** A running service. */
export interface RunningService {
  app: NestFastifyApplication;
  logger: Logger;
  /** `http://host:port`. */
  url: string;
  /** Stops it phase by phase; resolves when all is closed. */
  stop(): Promise<void>;
}

/** A collector that is away must not hold up who stops. */
const SEND_LAST_SPANS_MS = 1_000;
const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
/** Longest part of a path that is looked at, decoded: names in paths have 128 characters at most. */
const LONGEST_PATH_PART = 1024;

/** Starts a service without touching the process: for tests. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { listen } = await createService(options);
  return listen();
}

/**
 * Runs a service as this process: starts it, and ends the process with exit code 0 once SIGTERM or SIGINT has stopped it
 * phase by phase (a second signal hurries), or with 1 if it cannot start. A signal may come at any time: a service that is
 * still starting may hold work already, and gives it back.
 *
 * @param prepare reads the settings; what it throws is told without a stack if it is a `SettingsError`.
 */
export async function runService(prepare: () => ServiceOptions | Promise<ServiceOptions>): Promise<RunningService> {
  let stop = (): Promise<void> => Promise.resolve(); // nothing is connected yet
  let isStopping = false;
  const onSignal = (): void => {
    isStopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  try {
    const created = await createService(await prepare());
    stop = created.stop;
    return await created.listen();
  } catch (error) {
    if (isStopping) return new Promise(() => undefined); // it failed because it is being stopped, and ends by that
    process.stderr.write(`${error instanceof SettingsError ? error.message : describe(error)}\n`);
    process.exit(1);
  }
}

interface CreatedService {
  listen: () => Promise<RunningService>;
  stop: () => Promise<void>;
}

/** Everything but starting: no module is initialised yet. */
async function createService(options: ServiceOptions): Promise<CreatedService> {
  const logger = createLogger({
    service: options.name,
    level: options.logLevel,
    ...(options.agentId === undefined ? {} : { fields: { agentId: options.agentId } }),
  });
  await startSpans(options, logger);
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(options, logger), httpAdapterOf(options), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  guardRoutes(app, options.host, options.apiKeysFile);
  const completeRoutes = answerOtherMethods(app);
  const shutdown = app.get(PhasedShutdown);
  serveLogLevel(app, logger);
  const stopMetrics = serveMetrics(app, app.get(Health));
  shutdown.add("close", "metrics", () => stopMetrics());
  shutdown.add("quiet", "health", () => app.get(Health).markStopping());
  shutdown.add("close", "http", () => app.close());
  shutdown.add("close", "spans", () => stopTracing(), SEND_LAST_SPANS_MS);
  app.useGlobalFilters(new ProblemFilter(logger, options.toProblem));
  const stop = (): Promise<void> => shutdown.stop();
  const listen = async (): Promise<RunningService> => {
    await options.configure?.(app);
    await app.init();
    completeRoutes();
    await app.listen(options.port, options.host);
    const url = await app.getUrl();
    logger.info("listening", { url });
    return { app, logger, url, stop };
  };
  return { listen, stop };
}

async function startSpans(
  { name, otlpEndpoint: endpoint, agentId, hasHandlers }: ServiceOptions,
  logger: Logger,
): Promise<void> {
  if (endpoint === undefined) return;
  await startTracing({
    endpoint,
    service: name,
    hasHandlers,
    instance: processName(name, agentId),
    onDelivery: (delivery) => {
      if (delivery.sent) logger.info("spans are sent again", { endpoint });
      else logger.warn("spans cannot be sent, and are lost", { endpoint, err: delivery.error });
    },
  });
}

function httpAdapterOf({ bodyLimitBytes, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS }: ServiceOptions) {
  return new FastifyAdapter({
    bodyLimit: bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: refuseConnection,
    routerOptions: { maxParamLength: LONGEST_PATH_PART },
    requestTimeout: requestTimeoutMs,
    // Node takes the shorter one for the head's. Late requests are looked for twice in that time.
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 2 },
  });
}

/** A URL that cannot be routed never reaches a filter: it is answered here, as problem details too. */
function refuseUnroutable(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOfStatus(error.statusCode ?? 400, error.message);
  void reply.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function rootModule(options: ServiceOptions, logger: Logger): DynamicModule {
  @Module({})
  class RootModule {}
  return { module: RootModule, imports: [ServiceCoreModule.forService(logger), options.module] };
}
