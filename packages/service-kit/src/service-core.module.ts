import { Module, type DynamicModule } from "@nestjs/common";
import type { Logger } from "@agent-hive/telemetry";
import { Health, HealthController } from "./health.js";
import { PhasedShutdown } from "./phased-shutdown.js";

/** Injection token of the service's `Logger`. */
export const LOGGER = Symbol("Logger");

/** What every service has, available everywhere in it: logger, health, phased shutdown. */
@Module({})
export class ServiceCoreModule {
  static forService(logger: Logger): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: Health, useValue: new Health() },
      { provide: PhasedShutdown, useValue: new PhasedShutdown(logger) },
    ];
    return { module: ServiceCoreModule, global: true, controllers: [HealthController], providers, exports: providers };
  }
}
