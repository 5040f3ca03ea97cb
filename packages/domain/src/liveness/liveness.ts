/**
 * Who is dead, judged by one observer from what it saw itself: counters that stood still on its own monotonic clock,
 * and connections that vanished. Never from two machines' clocks, never from idle times of Redis, which follow its
 * wall clock. It only judges; the coordinator carries verdicts out.
 *
 * False alarms cost repeated work, never a wrong result (I3), but they must not come in waves: whatever makes the
 * observer itself a doubtful witness (it was paused, the store was away or restarted) starts all counting anew.
 */
import type { LivenessVerdict, Observation, ObservedIncarnation, Standstill } from "./observation.js";

export interface LivenessSettings {
  /** Time between two looks. */
  readonly intervalMs: number;
  /** A counter must stand still at least this long; default 1,500 ms, six heartbeats of 250 ms. */
  readonly standstillMs: number;
  /** … and be found so in at least this many looks; default 6. */
  readonly standstillLooks: number;
}

export const DEFAULT_LIVENESS_SETTINGS: LivenessSettings = { intervalMs: 50, standstillMs: 1_500, standstillLooks: 6 };

/** A pause between looks longer than this, and than three intervals, means that the observer itself was stopped. */
const LONGEST_GAP_MS = 500;
/** Heartbeats that must arrive while a main loop stands still, to tell a wedged process from one just frozen. */
const HEARTBEATS_OF_A_WEDGED = 3;

/**
 * Beats of the observer itself that must have arrived in the store while another's counter stood still. A store that takes
 * no writes (paused, out of memory) can be read all the same, and shows everybody frozen: the observer, too.
 */
const OWN_BEATS_MEANWHILE = 3;

/** A counter under observation since it last moved. */
interface Watch {
  readonly counter: number;
  readonly sinceMs: number;
  readonly looks: number;
  /** The observer's own beats, as they were then. */
  readonly ownBeats: number;
}

interface Watched {
  /** Those of its connections that were there. */
  readonly connected: readonly string[];
  readonly heartbeat: Watch;
  readonly mainLoop: Watch;
  /** Heartbeats seen to advance since the main loop last moved. */
  readonly heartbeatsMeanwhile: number;
  /** The verdict given, so that it is given once. Dead is for good; wedged ends when the main loop moves. */
  readonly verdict?: LivenessVerdict["verdict"];
}

/** What an observer remembers from look to look. */
export interface LivenessState {
  readonly lastLook?: {
    readonly nowMs: number;
    readonly runId: string;
    readonly ownHeartbeatCounter: number | undefined;
    /** How often the observer's own counter was seen to advance. */
    readonly ownBeats: number;
  };
  readonly watched: ReadonlyMap<string, Watched>;
}

/** Nothing seen yet: at start, and after the store could not be reached. */
export const NOTHING_OBSERVED: LivenessState = { watched: new Map() };

/**
 * Takes one look into account. `undefined` stands for a look that failed: everything starts anew. A verdict is given
 * once; after a new start it may be given again, since the one before may not have been carried out.
 */
export function observe(
  before: LivenessState,
  look: Observation | undefined,
  settings: LivenessSettings = DEFAULT_LIVENESS_SETTINGS,
): { state: LivenessState; verdicts: LivenessVerdict[] } {
  if (look === undefined) return { state: NOTHING_OBSERVED, verdicts: [] };
  const state = continues(before, look, settings) ? before : NOTHING_OBSERVED;
  const watched = new Map<string, Watched>();
  const verdicts: LivenessVerdict[] = [];
  const ownBeats = ownBeatsUntil(state, look);
  for (const incarnation of look.incarnations) {
    const seen = watch(state.watched.get(incarnation.id), incarnation, look, ownBeats);
    const verdict = isDeclaredDead(seen) ? undefined : judge(incarnation, seen, state, look, settings, ownBeats);
    const isNew = verdict !== undefined && verdict.verdict !== seen.verdict;
    watched.set(incarnation.id, isNew ? { ...seen, verdict: verdict.verdict } : seen);
    if (isNew) verdicts.push(verdict);
  }
  const { nowMs, runId, ownHeartbeatCounter } = look;
  return { state: { lastLook: { nowMs, runId, ownHeartbeatCounter, ownBeats }, watched }, verdicts };
}

/** An observer without a heartbeat has nothing to doubt: it counts as one that always beats. */
function ownBeatsUntil({ lastLook }: LivenessState, { ownHeartbeatCounter }: Observation): number {
  if (ownHeartbeatCounter === undefined) return Infinity;
  if (lastLook === undefined) return 0;
  return lastLook.ownBeats + (lastLook.ownHeartbeatCounter === ownHeartbeatCounter ? 0 : 1);
}

function continues(state: LivenessState, look: Observation, settings: LivenessSettings): boolean {
  if (state.lastLook === undefined || state.lastLook.runId !== look.runId) return false;
  return look.nowMs - state.lastLook.nowMs <= Math.max(LONGEST_GAP_MS, 3 * settings.intervalMs);
}

function watch(
  before: Watched | undefined,
  incarnation: ObservedIncarnation,
  look: Observation,
  ownBeats: number,
): Watched {
  const at = { nowMs: look.nowMs, ownBeats };
  const connected = connectionsThere(incarnation, look);
  const heartbeat = watchCounter(before?.heartbeat, incarnation.heartbeatCounter, at);
  const mainLoop = watchCounter(before?.mainLoop, incarnation.mainLoopCounter, at);
  const now = { connected, heartbeat, mainLoop };
  if (before === undefined) return { ...now, heartbeatsMeanwhile: 0 };
  if (mainLoop.looks === 0) {
    return { ...now, heartbeatsMeanwhile: 0, verdict: before.verdict === "wedged" ? undefined : before.verdict };
  }
  const heartbeatsMeanwhile = before.heartbeatsMeanwhile + (heartbeat.looks === 0 ? 1 : 0);
  return { ...now, heartbeatsMeanwhile, verdict: before.verdict };
}

function watchCounter(
  before: Watch | undefined,
  counter: number,
  { nowMs, ownBeats }: { nowMs: number; ownBeats: number },
): Watch {
  if (before === undefined || before.counter !== counter) return { counter, sinceMs: nowMs, looks: 0, ownBeats };
  return { ...before, looks: before.looks + 1 };
}

function isDeclaredDead(seen: Watched): boolean {
  return seen.verdict === "crashed" || seen.verdict === "frozen";
}

function judge(
  incarnation: ObservedIncarnation,
  seen: Watched,
  state: LivenessState,
  look: Observation,
  settings: LivenessSettings,
  ownBeats: number,
): LivenessVerdict | undefined {
  const { id } = incarnation;
  const crash = crashEvidence(incarnation, state, look);
  if (crash !== undefined) return { incarnation: id, verdict: "crashed", evidence: crash };
  const frozen = standstill(seen.heartbeat, look.nowMs, settings);
  const isWitnessed = ownBeats === Infinity || ownBeats - seen.heartbeat.ownBeats >= OWN_BEATS_MEANWHILE;
  if (frozen !== undefined && isWitnessed) return { incarnation: id, verdict: "frozen", evidence: frozen };
  const wedged = standstill(seen.mainLoop, look.nowMs, settings);
  if (wedged === undefined || seen.heartbeatsMeanwhile < HEARTBEATS_OF_A_WEDGED) return undefined;
  return { incarnation: id, verdict: "wedged", evidence: wedged };
}

function standstill(seen: Watch, nowMs: number, settings: LivenessSettings): Standstill | undefined {
  const unchangedMs = nowMs - seen.sinceMs;
  if (unchangedMs < settings.standstillMs || seen.looks < settings.standstillLooks) return undefined;
  return { counter: seen.counter, unchangedMs, looks: seen.looks };
}

type CrashEvidence = Extract<LivenessVerdict, { verdict: "crashed" }>["evidence"];

/**
 * The fast verdict needs witnesses beyond doubt: the process was connected in the look before this one or registered since,
 * under the same `run_id`, and most of the others have kept connections since. Where many were cut at once, the server or the network
 * is the likelier culprit, however fast the others were to connect again between the two looks; whoever is slower is left
 * to the slow verdict.
 */
function crashEvidence(
  incarnation: ObservedIncarnation,
  state: LivenessState,
  look: Observation,
): CrashEvidence | undefined {
  if (!wasConnected(incarnation.id, state) || connectionsThere(incarnation, look).length > 0) return undefined;
  if (incarnation.saidGoodbye || !isRegisteredHere(incarnation, look)) return undefined;
  const others = look.incarnations.filter(
    (other) =>
      other.id !== incarnation.id &&
      isRegisteredHere(other, look) &&
      !other.saidGoodbye &&
      state.watched.has(other.id) &&
      !isGoneBefore(other.id, state),
  );
  const othersPresent = others.filter((other) => keptConnection(other.id, state, look)).length;
  if (others.length > 0 && othersPresent * 2 <= others.length) return undefined;
  return { connectionsGone: incarnation.connections, others: others.length, othersPresent };
}

/**
 * Who registered since the look before this one was connected when it did: it registers its connections. Without this, a
 * task that ends every process at once would never be found to have crashed one.
 */
function wasConnected(id: string, state: LivenessState): boolean {
  const seen = state.watched.get(id);
  return seen === undefined ? state.lastLook !== undefined : seen.connected.length > 0;
}

function keptConnection(id: string, state: LivenessState, look: Observation): boolean {
  return state.watched.get(id)?.connected.some((connection) => look.presentConnections.has(connection)) === true;
}

function isGoneBefore(id: string, state: LivenessState): boolean {
  const seen = state.watched.get(id);
  return seen !== undefined && isDeclaredDead(seen);
}

/** Connection ids start again from a low number with every server life, so those of another life prove nothing. */
function isRegisteredHere(incarnation: ObservedIncarnation, look: Observation): boolean {
  return incarnation.runId === look.runId && incarnation.connections.length > 0;
}

function connectionsThere(incarnation: ObservedIncarnation, look: Observation): string[] {
  if (!isRegisteredHere(incarnation, look)) return [];
  return incarnation.connections.filter((connection) => look.presentConnections.has(connection));
}
