/**
 * What each service may do in Redis: which commands, on which keys. Everything else is refused, whatever the service has
 * been turned into. The rights of a script are those of its commands: each of them is checked as if it came alone.
 *
 * A right is a group of commands with a group of keys, so that who may add to a stream may not for that reason read it.
 * What Redis cannot tell apart: who may XADD may trim as well (`XADD … MAXLEN 0`).
 */
import { ENGINES_GROUP, ROUTERS_GROUP, type AgentGroup, type AgentTypes, type Keys } from "@agent-hive/contracts";
import type { CoreService, Holder } from "../accounts.js";

/** Commands, as ACL rules name them, that may be given on keys of these names. */
export interface Right {
  commands: readonly string[];
  keys: readonly string[];
}

/** What a service may do. */
export interface Rights {
  /** Commands that name no key. */
  keyless: readonly string[];
  onKeys: readonly Right[];
}

/** Every member looks for connections that are gone, and cuts those of the dead. */
const CONNECTION = ["ping", "info", "client|id", "client|setname", "client|list", "client|kill", "client|unblock"];

const HASH_LOOKUP = ["hget", "hmget", "hexists", "hgetall", "hlen"];
const HASH_CHANGE = ["hset", "hdel"];
const SET_USE = ["sadd", "srem", "scard", "smembers", "sismember", "smismember"];
const STREAM_FACTS = ["exists", "xlen", "xinfo|stream", "xinfo|groups", "xinfo|consumers", "xpending"];
/** A group that is gone is made anew, by whoever misses it, and so is what no entry stands for. */
const GROUP_CARE = ["xgroup|create", "xgroup|delconsumer", "xrange"];
const GROUP_READING = ["xreadgroup", "xack", "xdel", "xclaim"];

/** @param holder whose rights. */
export function redisRights(holder: Holder, keys: Keys, types: AgentTypes): Rights {
  const onKeys =
    "service" in holder ? SERVICE_RIGHTS[holder.service](keys, types) : agent(holder.agentType, keys, types);
  const named = [...new Set(onKeys.flatMap((right) => right.keys))];
  // A script's keys are checked as if it read and wrote all of them; its commands then one by one.
  return { keyless: CONNECTION, onKeys: [{ commands: ["eval", "evalsha"], keys: named }, ...onKeys] };
}

const SERVICE_RIGHTS: Record<CoreService, (keys: Keys, types: AgentTypes) => Right[]> = {
  "workflow-engine": engine,
  router,
  "group-coordinator": coordinator,
  "metrics-validator": validator,
};

/**
 * Registers, shows that it lives, judges who does not, and tells of it.
 *
 * @param groups whose members it judges.
 */
function member(keys: Keys, ...groups: string[]): Right[] {
  return [
    { commands: ["get"], keys: [keys.epoch, keys.term] },
    { commands: [...HASH_LOOKUP, ...HASH_CHANGE, "hrandfield"], keys: registry(keys) },
    { commands: [...SET_USE], keys: [keys.dead, ...groups.map((group) => keys.abandoned(group))] },
    { commands: ["xadd", "xread", "xrevrange"], keys: [keys.control] },
    { commands: ["xadd"], keys: [keys.events] },
    { commands: ["exists"], keys: [keys.onlookers] },
  ];
}

const registry = (keys: Keys): string[] => [keys.incarnations, keys.heartbeats, keys.verdicts];

/** Reads a stream as a consumer of a group, and takes over what others of it leave behind. */
function consumer(keys: Keys, stream: string, group: string): Right[] {
  return [
    { commands: [...STREAM_FACTS, ...GROUP_CARE, ...GROUP_READING], keys: [stream] },
    { commands: ["hget", ...HASH_CHANGE], keys: [keys.started(group)] },
    // A claim reports the crash to the engine, and a dead letter goes there.
    { commands: ["xadd"], keys: [keys.results] },
  ];
}

function engine(keys: Keys, types: AgentTypes): Right[] {
  const everything = [...all(keys), ...streamsOf(types.groups, keys), ...indexesOf(types.names, keys)];
  return [
    ...member(keys, ENGINES_GROUP),
    ...consumer(keys, keys.results, ENGINES_GROUP),
    { commands: ["xadd", ...STREAM_FACTS, ...GROUP_CARE], keys: [keys.dispatch] },
    { commands: [...STREAM_FACTS, ...GROUP_CARE], keys: streamsOf(types.groups, keys) },
    { commands: ["xread", "xrange", "xrevrange", "xtrim", "xlen", "memory|usage"], keys: [keys.events] },
    { commands: [...HASH_LOOKUP, ...HASH_CHANGE, "hscan", "exists"], keys: indexesOf(types.names, keys) },
    { commands: ["hgetall"], keys: [keys.groupStatus] },
    { commands: ["set"], keys: [keys.epoch, keys.onlookers] },
    // What stands under a name of ours and is of another type is set aside.
    { commands: ["type", "rename"], keys: everything.flatMap((key) => [key, `${key}:misplaced`]) },
  ];
}

function router(keys: Keys, types: AgentTypes): Right[] {
  const inFlight = types.names.map((name) => keys.inFlight(name));
  return [
    ...member(keys, ROUTERS_GROUP),
    ...consumer(keys, keys.dispatch, ROUTERS_GROUP),
    { commands: ["xadd", "exists", "xrange", "xinfo|stream"], keys: streamsOf(types.groups, keys) },
    { commands: [...HASH_LOOKUP, ...HASH_CHANGE], keys: inFlight },
    { commands: ["hgetall"], keys: [keys.groupStatus] },
  ];
}

function coordinator(keys: Keys, types: AgentTypes): Right[] {
  const streams = [keys.dispatch, keys.results, ...streamsOf(types.groups, keys)];
  return [
    ...member(keys, "*"),
    { commands: [...STREAM_FACTS, ...GROUP_CARE], keys: streams },
    { commands: ["hgetall", "hlen", "hdel"], keys: types.names.map((name) => keys.inFlight(name)) },
    { commands: ["del", "hset", "hgetall"], keys: [keys.groupStatus] },
    { commands: ["set"], keys: [keys.term] },
  ];
}

/** Looks at everything, and lets the hive know that somebody looks. */
function validator(keys: Keys, types: AgentTypes): Right[] {
  const streams = [keys.dispatch, keys.results, ...streamsOf(types.groups, keys)];
  return [
    { commands: ["get"], keys: [keys.epoch] },
    { commands: ["hgetall"], keys: [...registry(keys), keys.groupStatus] },
    { commands: [...STREAM_FACTS, "xrange", "type"], keys: [...streams, keys.events] },
    { commands: ["hscan", "hlen"], keys: types.names.map((name) => keys.inFlight(name)) },
    { commands: ["set"], keys: [keys.onlookers] },
    { commands: ["xadd"], keys: [keys.control] },
  ];
}

/** The streams of its own type, and no other; of these it adds to none. */
function agent(agentType: string, keys: Keys, types: AgentTypes): Right[] {
  const groups = types.groupsOf(agentType);
  return [
    ...member(keys, ...groups.map(({ group }) => group)),
    ...groups.flatMap(({ stream, group }) => consumer(keys, keys.stream(stream), group)),
    { commands: [...HASH_LOOKUP, ...HASH_CHANGE, "exists"], keys: indexesOf([agentType], keys) },
    // Whether a task whose entry is gone still waits to be routed.
    { commands: ["exists", "xrange"], keys: [keys.dispatch] },
    // Orders to stand still, where crashes are simulated.
    { commands: ["hgetall", "hdel"], keys: [keys.chaosOrders] },
    { commands: ["sadd", "sismember"], keys: [keys.chaosHeld] },
  ];
}

const streamsOf = (groups: readonly AgentGroup[], keys: Keys): string[] =>
  groups.map(({ stream }) => keys.stream(stream));

const indexesOf = (agentTypes: readonly string[], keys: Keys): string[] =>
  agentTypes.flatMap((agentType) => [keys.inFlight(agentType), keys.crashes(agentType), keys.checkpoints(agentType)]);

/** What every hive has once. */
function all(keys: Keys): string[] {
  const { epoch, dead, groupStatus, term, control, dispatch, results, events, onlookers } = keys;
  const ofGroups = [keys.abandoned("*"), keys.started("*")];
  return [
    epoch,
    dead,
    ...registry(keys),
    groupStatus,
    term,
    control,
    dispatch,
    results,
    events,
    onlookers,
    ...ofGroups,
  ];
}
