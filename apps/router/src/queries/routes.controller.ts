import { Controller, Get } from "@nestjs/common";
import { expectedWaitMs } from "@agent-hive/domain";
import { RoutingTable } from "../routing/routing-table.js";

/** One row of the routing table, for people. */
export interface RouteView {
  group: string;
  agentType: string;
  stream: string;
  capabilities: string[];
  consumers: number;
  slots: number;
  /** Tasks in its stream; counted only where several groups serve one type. */
  inFlight: number;
  durationMs: number;
  /** Null while the group has no slots: a task waits until it has. */
  expectedWaitMs: number | null;
}

/** Shows by what the router decides at this moment. */
@Controller("v1/routes")
export class RoutesController {
  constructor(private readonly table: RoutingTable) {}

  @Get()
  routes(): { routes: RouteView[] } {
    const routes = this.table.rows.map((row): RouteView => {
      const { name: group, agentType, stream, capabilities, consumers, slots, inFlight, durationMs } = row;
      const waitMs = expectedWaitMs(row);
      return {
        group,
        agentType,
        stream,
        capabilities: [...capabilities].sort(),
        consumers,
        slots,
        inFlight,
        durationMs,
        expectedWaitMs: Number.isFinite(waitMs) ? waitMs : null,
      };
    });
    return { routes };
  }
}
