import { Controller, Get } from "@nestjs/common";
import { AgentRuntime, type AgentStatus } from "./agent-runtime.js";

/** What this agent does at the moment. */
@Controller("v1/agent")
export class AgentController {
  constructor(private readonly runtime: AgentRuntime) {}

  @Get()
  status(): AgentStatus {
    return this.runtime.status;
  }
}
