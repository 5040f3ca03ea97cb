import { Controller, Get, NotFoundException, Param } from "@nestjs/common";
import { AgentTypes, type GroupView } from "@agent-hive/contracts";
import { suggestion } from "@agent-hive/domain";
import { ConsumerGroupCoordinator } from "../consumer-group-coordinator.js";
import type { LeadershipState } from "../leadership/leadership.js";
import type { VerdictRecord } from "../verdicts/verdict-ledger.js";
import { CoordinatorQueries, type IncarnationView } from "./coordinator-queries.js";

/** What the coordinator knows, for people and programs. */
@Controller("v1")
export class CoordinatorController {
  constructor(
    private readonly queries: CoordinatorQueries,
    private readonly coordinator: ConsumerGroupCoordinator,
    private readonly agentTypes: AgentTypes,
  ) {}

  @Get("groups")
  async groups(): Promise<{ groups: GroupView[] }> {
    return { groups: await this.queries.groups() };
  }

  @Get("groups/:group")
  async group(@Param("group") name: string): Promise<GroupView> {
    const [group] = await this.queries.groups(name);
    if (group) return group;
    const known = this.agentTypes.groups.map((each) => each.group);
    throw new NotFoundException(`There is no group "${name}". ${suggestion(name, "groups", known)}`);
  }

  @Get("groups/:group/consumers")
  async consumers(@Param("group") name: string): Promise<Pick<GroupView, "group" | "consumers">> {
    const { group, consumers } = await this.group(name);
    return { group, consumers };
  }

  @Get("incarnations")
  async incarnations(): Promise<{ incarnations: IncarnationView[] }> {
    return { incarnations: await this.queries.incarnations() };
  }

  @Get("verdicts")
  async verdicts(): Promise<{ verdicts: VerdictRecord[] }> {
    return { verdicts: await this.queries.verdicts() };
  }

  @Get("leadership")
  leadership(): { leading: boolean; term: number | null; postgres: "up" | "down" } {
    const { term, connected }: LeadershipState = this.coordinator.leadership;
    return { leading: term !== undefined, term: term ?? null, postgres: connected ? "up" : "down" };
  }
}
