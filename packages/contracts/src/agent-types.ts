import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

/** Handlers that only make load. They exist in every agent, and answer only when enabled. */
export const LOAD_HANDLERS = ["noop", "echo", "hash", "count", "effect", "fault"] as const;

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, "must start with a letter and hold letters, digits, _ or -");

const groupSchema = z.strictObject({
  type: name,
  /** What tasks call it; the last part of the stream's name by default. */
  name: name.optional(),
  stream: z.string().regex(/^[A-Za-z][A-Za-z0-9_:-]{0,126}$/),
  max_consumers: z.int().min(1).max(10_000),
  capabilities: z
    .array(
      z
        .string()
        .min(1)
        .max(128)
        .regex(/^[^,]+$/, "must not contain a comma"),
    )
    .default([]),
});

const fileSchema = z.strictObject({ groups: z.array(groupSchema).min(1).max(1000) });

/** A group of agents that share a stream. Several groups may serve one agent type with different capabilities. */
export interface AgentGroup {
  /** As configured, e.g. `BACKEND_ENGINEERS`. */
  type: string;
  /** As tasks write it, e.g. `backend`. */
  agentType: string;
  /** The consumer group, e.g. `backend_engineers_consumers`. */
  group: string;
  /** The stream, without a key prefix, e.g. `agent_messages:backend`. */
  stream: string;
  maxConsumers: number;
  /** Handlers and other abilities; `*` takes anything. */
  capabilities: string[];
}

/** All configured groups, and the names by which tasks may call their types. */
export class AgentTypes {
  private readonly canonical = new Map<string, string>();

  constructor(readonly groups: readonly AgentGroup[]) {
    for (const { type, agentType } of groups) {
      this.canonical.set(agentType.toLowerCase(), agentType);
      this.canonical.set(type.toLowerCase(), agentType);
    }
  }

  /** The names of all agent types, each once. */
  get names(): string[] {
    return [...new Set(this.groups.map((group) => group.agentType))];
  }

  /** Accepts `backend` as well as `BACKEND_ENGINEERS`, in any case; undefined if there is no such type. */
  resolve(written: string): string | undefined {
    return this.canonical.get(written.toLowerCase());
  }

  /** The first agent type one of whose groups is configured with the capability by name. */
  withCapability(capability: string): string | undefined {
    return this.groups.find((group) => group.capabilities.includes(capability))?.agentType;
  }

  /** The groups that serve an agent type. */
  groupsOf(agentType: string): AgentGroup[] {
    return this.groups.filter((group) => group.agentType === agentType);
  }
}

/**
 * Reads the agent types' configuration.
 *
 * @param file a YAML file as in `infra/agent-types.yaml`.
 * @param options.loadHandlers adds the handlers for load to what every group can do. Default false.
 * @throws Error listing every problem of the file.
 */
export function loadAgentTypes(file: string, options: { loadHandlers?: boolean } = {}): AgentTypes {
  const result = fileSchema.safeParse(parse(readFileSync(file, "utf8")));
  if (!result.success) throw new Error(`Agent types in ${file} are not valid:\n${z.prettifyError(result.error)}`);
  const groups = result.data.groups.map((entry) => toGroup(entry, options.loadHandlers ?? false));
  rejectDuplicates(file, groups);
  return new AgentTypes(groups);
}

function toGroup(entry: z.infer<typeof groupSchema>, loadHandlers: boolean): AgentGroup {
  return {
    type: entry.type,
    agentType: entry.name ?? entry.stream.split(":").at(-1)!,
    group: `${entry.type.toLowerCase()}_consumers`,
    stream: entry.stream,
    maxConsumers: entry.max_consumers,
    capabilities: loadHandlers ? [...new Set([...entry.capabilities, ...LOAD_HANDLERS])] : entry.capabilities,
  };
}

function rejectDuplicates(file: string, groups: AgentGroup[]): void {
  for (const key of ["group", "stream"] as const) {
    const seen = new Set<string>();
    for (const group of groups) {
      if (seen.has(group[key])) throw new Error(`Agent types in ${file}: ${key} "${group[key]}" is configured twice.`);
      seen.add(group[key]);
    }
  }
}
