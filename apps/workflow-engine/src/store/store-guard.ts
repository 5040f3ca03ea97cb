import { Injectable, type CanActivate, type ExecutionContext } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { DatabaseWatch } from "@agent-hive/persistence";

/**
 * Answers at once, with 503, what needs a PostgreSQL that is known to be away: requests that each found out for themselves
 * would pile up meanwhile. While it is read-only, reads go on.
 */
@Injectable()
export class StoreGuard implements CanActivate {
  constructor(private readonly database: DatabaseWatch) {}

  canActivate(context: ExecutionContext): boolean {
    const { method } = context.switchToHttp().getRequest<FastifyRequest>();
    this.database.check(method === "GET" ? "read" : "write");
    return true;
  }
}
