import { Module, type DynamicModule, type ModuleMetadata, type Type } from "@nestjs/common";
import { ModuleRef } from "@nestjs/core";
import { createKeys, type AgentGroup, type AgentTypes } from "@agent-hive/contracts";
import { suggestion } from "@agent-hive/domain";
import { LOGGER, agentTypesOf, processName } from "@agent-hive/service-kit";
import type { Logger } from "@agent-hive/telemetry";
import { AgentController } from "./agent.controller.js";
import { AgentLifecycle, DRAIN_MS } from "./agent-lifecycle.js";
import { AgentRuntime, type ChaosOrders } from "./agent-runtime.js";
import { HandlerRegistry } from "./handler-registry.js";
import { handlerNameOf } from "./handler.decorator.js";
import { loadHandlers } from "./load-handlers/index.js";
import { readAgentSettings, type AgentSettings } from "./settings.js";
import type { TaskHandler } from "./task.js";

/** What an agent is. */
export interface AgentOptions {
  /** As configured in the agent types' file, by either name: `backend` or `BACKEND_ENGINEERS`. */
  agentType: string;
  /** Classes with `@Handler`. They are Nest providers: what their constructors name is injected. */
  handlers: Type<TaskHandler>[];
  /** Tasks at once. Default HIVE_SLOTS, else 1. */
  slots?: number;
  /** Modules and providers that the handlers need. */
  imports?: ModuleMetadata["imports"];
  providers?: ModuleMetadata["providers"];
}

/** The module of an agent: its handlers, and the loop that feeds them for as long as the application runs. */
@Module({})
export class AgentModule {
  /**
   * @param settings default: read from the environment.
   * @throws Error if the agent type is not configured, or two handlers have one name.
   */
  static forAgent(options: AgentOptions, settings: AgentSettings = readAgentSettings()): DynamicModule {
    const handlers = [...options.handlers, ...(settings.HIVE_LOAD_HANDLERS ? loadHandlers : [])];
    const runtime = {
      provide: AgentRuntime,
      inject: [ModuleRef, LOGGER],
      useFactory: async (module: ModuleRef, logger: Logger) =>
        new AgentRuntime({
          ...placeOf(options.agentType, agentTypesOf(settings)),
          agentId: agentIdOf(options.agentType, settings),
          handlers: registryOf(handlers, module),
          redisUrl: settings.REDIS_URL,
          keyPrefix: settings.HIVE_KEY_PREFIX,
          engineUrl: settings.HIVE_ENGINE_URL,
          apiKey: settings.HIVE_API_KEY,
          slots: options.slots ?? settings.HIVE_SLOTS,
          logger,
          ...(settings.HIVE_CHAOS_ENABLED && { chaos: await chaosOrders(settings) }),
        }),
    };
    return {
      module: AgentModule,
      imports: options.imports ?? [],
      controllers: [AgentController],
      providers: [
        ...(options.providers ?? []),
        ...handlers,
        runtime,
        { provide: DRAIN_MS, useValue: settings.HIVE_DRAIN_MS },
        AgentLifecycle,
      ],
    };
  }
}

/** Stable over the lives of the process if it is named by HIVE_AGENT_ID. */
export function agentIdOf(agentType: string, settings: AgentSettings): string {
  return processName(`agent-${agentType.toLowerCase()}`, settings.HIVE_AGENT_ID);
}

/** Loaded only where crashes are simulated: no other agent has the code in it. */
async function chaosOrders(settings: AgentSettings): Promise<ChaosOrders> {
  const { RedisMomentOrders } = await import("@agent-hive/chaos");
  return new RedisMomentOrders(settings.REDIS_URL, createKeys(settings.HIVE_KEY_PREFIX));
}

function placeOf(written: string, types: AgentTypes): { group: AgentGroup; siblingStreams: string[] } {
  const group = groupOf(written, types);
  const siblings = types.groupsOf(group.agentType).filter((other) => other !== group);
  return { group, siblingStreams: siblings.map(({ stream }) => stream) };
}

function groupOf(written: string, types: AgentTypes): AgentGroup {
  const named = types.groups.filter(({ type }) => type.toLowerCase() === written.toLowerCase());
  const agentType = types.resolve(written);
  const groups = named.length > 0 || agentType === undefined ? named : types.groupsOf(agentType);
  if (groups.length === 1) return groups[0]!;
  if (groups.length === 0) {
    throw new Error(`Agent type "${written}" is not configured. ${suggestion(written, "agent types", types.names)}`);
  }
  const choices = groups.map(({ type }) => `"${type}"`).join(", ");
  throw new Error(`Several groups serve agent type "${written}"; name the one that this agent belongs to: ${choices}.`);
}

function registryOf(handlers: Type<TaskHandler>[], module: ModuleRef): HandlerRegistry {
  const registry = new HandlerRegistry();
  for (const handler of handlers) registry.add(handlerNameOf(handler), module.get(handler, { strict: false }));
  return registry;
}
