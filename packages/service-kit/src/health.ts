import { Controller, Get, HttpCode, HttpException, HttpStatus } from "@nestjs/common";

/** A part that must work for the service to be of use: resolves if it does, rejects with the reason if not. */
export type HealthCheck = () => Promise<void>;

/** What a service reports of itself. */
export interface HealthReport {
  status: "ok" | "unavailable" | "stopping";
  checks: Record<string, { status: "up" | "down"; reason?: string }>;
}

/** The checks of a service, and whether it is stopping. */
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private stopping = false;

  /** Adds a part to what makes the service ready. */
  add(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on the service answers "stopping", so that nobody sends it more. */
  markStopping(): void {
    this.stopping = true;
  }

  async report(): Promise<HealthReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const checks = Object.fromEntries(entries);
    const healthy = entries.every(([, outcome]) => outcome.status === "up");
    return { status: this.stopping ? "stopping" : healthy ? "ok" : "unavailable", checks };
  }
}

async function outcomeOf(check: HealthCheck): Promise<HealthReport["checks"][string]> {
  try {
    await check();
    return { status: "up" };
  } catch (error) {
    return { status: "down", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** `/health/live`: the process answers. `/health/ready`: it can do its work. */
@Controller("health")
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get("live")
  @HttpCode(HttpStatus.OK)
  live(): { status: "ok" } {
    return { status: "ok" };
  }

  @Get("ready")
  async ready(): Promise<HealthReport> {
    const report = await this.health.report();
    if (report.status !== "ok") throw new HttpException(report, HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }
}
