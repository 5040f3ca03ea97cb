import type { LoggerService } from "@nestjs/common";
import type { Logger } from "@agent-hive/telemetry";

/** Nest's own lines in our log: what it says at start-up is for those who debug it. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug("nest", { message, context });
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug("nest", { message, context });
  }

  verbose(message: unknown, context?: string): void {
    this.logger.debug("nest", { message, context });
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn("nest warns", { message, context });
  }

  error(message: unknown, ...details: unknown[]): void {
    this.logger.error("nest reports an error", { message: String(message), details });
  }

  fatal(message: unknown, ...details: unknown[]): void {
    this.logger.error("nest reports a fatal error", { message: String(message), details });
  }
}
