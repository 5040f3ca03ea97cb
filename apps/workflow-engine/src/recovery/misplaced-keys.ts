import type { AgentTypes, Keys } from "@agent-hive/contracts";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";

/**
 * Sets aside what stands under one of the hive's names in Redis and is of another type, such as a text where a stream
 * belongs. Nothing could be read or written there, by anybody; once the name is free the owners make what belongs there,
 * and what was lost is found by the epoch and by the sweeper.
 */
export class MisplacedKeys {
  private readonly types: Record<string, string>;

  constructor(
    private readonly manager: Pick<RedisStreamsManager, "keys" | "setMisplacedAside">,
    agentTypes: AgentTypes,
    private readonly logger: Logger,
  ) {
    this.types = typesOf(manager.keys, agentTypes);
  }

  /** @returns how many keys were set aside. */
  async runOnce(): Promise<{ setAside: number }> {
    const moved = await this.manager.setMisplacedAside(this.types);
    for (const key of moved) this.logger.error("a key of another type was in the way and is set aside", { key });
    return { setAside: moved.length };
  }
}

function typesOf(keys: Keys, { groups, names }: AgentTypes): Record<string, string> {
  const { dispatch, results, events, control, incarnations, heartbeats, verdicts, groupStatus } = keys;
  const streams = [dispatch, results, events, control, ...groups.map(({ stream }) => keys.stream(stream))];
  const hashes = [
    incarnations,
    heartbeats,
    verdicts,
    groupStatus,
    ...groups.map(({ group }) => keys.started(group)),
    ...names.flatMap((name) => [keys.inFlight(name), keys.crashes(name), keys.checkpoints(name)]),
  ];
  const sets = [keys.dead, ...groups.map(({ group }) => keys.abandoned(group))];
  return {
    ...typed(streams, "stream"),
    ...typed(hashes, "hash"),
    ...typed(sets, "set"),
    ...typed([keys.epoch, keys.term], "string"),
  };
}

const typed = (keys: readonly string[], type: string): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, type]));
