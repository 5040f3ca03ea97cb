/**
 * A process is killed at every crash point there is, alone and beside a second replica of each service. The workflow ends
 * right: each task is recorded once (I1, I2), only started deliveries are charged, and nothing is left in Redis (I9).
 */
import { CRASH_POINTS, type CrashPoint } from "@agent-hive/proof";
import {
  artifact,
  cancelling,
  checkpoints,
  destroyedGroup,
  diamond,
  lostEntry,
  restarting,
  retry,
  staleField,
  stopping,
  unreadable,
  wiping,
  wrongVerdict,
  type Act,
} from "./crashing/acts.js";
import { DoomedHive } from "./crashing/doomed-hive.js";

const ENGINE = "workflow-engine";
const ROUTER = "router";
const COORDINATOR = "group-coordinator";
const AGENT = "agent-backend";

interface CrashCase {
  /** The points, in the order in which they are reached. The last one is what the case is about. */
  at: CrashPoint[];
  /** The services that die there. */
  dies: string[];
  /** Default: a diamond of four tasks. */
  act?: Act;
  /** Default: "succeeded". */
  state?: "cancelled";
  /** What history shows beside one success of each task, e.g. "first struck". Default: nothing. */
  mishaps?: string[];
  /** Dead letters that it leaves. Default: 0. */
  letters?: number;
}

const at = (point: CrashPoint, service: string, more: Partial<CrashCase> = {}): CrashCase => ({
  at: [point],
  dies: [service],
  ...more,
});

/** A second crash, in what is done about a first one. */
const after = (
  [first, firstService]: [CrashPoint, string],
  point: CrashPoint,
  service: string,
  more: Partial<CrashCase> = {},
): CrashCase => ({ at: [first, point], dies: [firstService, service], ...more });

const RETRIED = { act: retry, mishaps: ["retried failed"] };
const TIMED_OUT = { act: lostEntry, mishaps: ["lost timed-out"] };
const CANCELLED = { act: cancelling, state: "cancelled" as const, mishaps: ["running cancelled"] };
const WIPED = { act: wiping, mishaps: ["running lost"] };
const STRUCK = { mishaps: ["first struck"] };
const AN_AGENT: [CrashPoint, string] = ["tasks.begun", AGENT];
const THE_LEADER: [CrashPoint, string] = ["status.published", COORDINATOR];

const CASES: CrashCase[] = [
  at("submission.planned", ENGINE),
  at("dispatch.read", ROUTER),
  at("tasks.taken", AGENT),
  at("submission.stored", ENGINE),
  at("dispatch.routed", ROUTER),
  at("tasks.begun", AGENT, STRUCK),
  at("submission.published", ENGINE),
  at("status.published", COORDINATOR),
  at("handler.finished", AGENT, STRUCK),
  at("results.read", ENGINE),
  at("group.created", COORDINATOR, { act: destroyedGroup }),
  at("tasks.completed", AGENT),
  at("results.committed", ENGINE),
  after(THE_LEADER, "leadership.locked", COORDINATOR),
  at("checkpoint.saved", AGENT, { act: checkpoints, mishaps: ["counted struck"] }),
  at("results.published", ENGINE),
  after(THE_LEADER, "leadership.taken", COORDINATOR),
  at("dead-letter.written", AGENT, { act: unreadable, letters: 1 }),
  at("timers.released", ENGINE, RETRIED),
  after(AN_AGENT, "death.declared", COORDINATOR, STRUCK),
  at("window.filled", ENGINE, RETRIED),
  after(AN_AGENT, "connections.killed", COORDINATOR, STRUCK),
  at("window.published", ENGINE, RETRIED),
  after(AN_AGENT, "death.announced", COORDINATOR, STRUCK),
  at("cancellation.recorded", ENGINE, CANCELLED),
  after(AN_AGENT, "consumer.removed", COORDINATOR, STRUCK),
  at("cancellation.published", ENGINE, CANCELLED),
  after(AN_AGENT, "entries.claimed", AGENT, STRUCK),
  at("cancellation.told", ENGINE, CANCELLED),
  after(["dispatch.read", ROUTER], "entries.claimed", ROUTER),
  at("artifact.stored", ENGINE, { act: artifact }),
  at("member.registered", AGENT, { act: restarting("backend-1") }),
  at("goodbye.said", AGENT, { act: stopping }),
  at("incarnation.given-up", AGENT, { act: wrongVerdict }),
  after(["submission.stored", ENGINE], "sweep.found", ENGINE),
  after(["submission.stored", ENGINE], "sweep.published", ENGINE),
  at("sweep.dropped", ENGINE, { act: staleField }),
  after(["results.read", ENGINE], "entries.claimed", ENGINE),
  at("epoch.advanced", ENGINE, WIPED),
  at("groups.recreated", ENGINE, WIPED),
  at("epoch.written", ENGINE, WIPED),
  at("epoch.announced", ENGINE, WIPED),
  at("redispatch.committed", ENGINE, WIPED),
  at("redispatch.published", ENGINE, WIPED),
  at("timeout.recorded", ENGINE, TIMED_OUT),
  at("timeout.published", ENGINE, TIMED_OUT),
];

const hives = new Map<string, DoomedHive>();

beforeAll(async () => {
  const start = async (name: string, count: number): Promise<void> => {
    hives.set(name, await DoomedHive.start({ agentsPerType: { backend: count }, replicas: count }));
  };
  await Promise.all([start("alone", 1), start("beside a replica", 2)]);
}, 120_000);

afterAll(() => Promise.all([...hives.values()].map((doomed) => doomed.stop())), 60_000);

/** Kills there, and tells how the workflow ended. */
async function crash(doomed: DoomedHive, { at: points, act = diamond, mishaps = [] }: CrashCase) {
  const { client } = doomed.hive;
  const lettersBefore = (await doomed.insist(() => client.deadLetters())).length;
  doomed.arm(points);
  const workflowId = await act(doomed);
  const died = await doomed.died(points);
  const { state } = await doomed.hive.ended(workflowId);
  await doomed.settled();
  const misrecorded = await doomed.misrecorded(workflowId);
  const letters = (await doomed.insist(() => client.deadLetters())).length - lettersBefore;
  return { died, state, misrecorded, mishaps: await doomed.mishaps(workflowId, mishaps), letters };
}

test("there is a case for every crash point", () => {
  const tried = new Set<string>(CASES.map(({ at: points }) => points.at(-1)!));
  expect(tried).toEqual(new Set(Object.keys(CRASH_POINTS)));
});

test.each(CASES.map((each): [string, CrashCase] => [each.at.join(", then "), each]))(
  "killed at %s, alone and beside a replica",
  async (_, crashCase) => {
    const expected = {
      died: expect.arrayContaining(crashCase.dies),
      state: crashCase.state ?? "succeeded",
      misrecorded: [],
      mishaps: crashCase.mishaps ?? [],
      letters: crashCase.letters ?? 0,
    };
    const names = [...hives.keys()];
    const outcomes = await Promise.allSettled([...hives.values()].map((doomed) => crash(doomed, crashCase)));
    const seen = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : String(outcome.reason)));
    expect(Object.fromEntries(names.map((name, index) => [name, seen[index]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, expected])),
    );
  },
  180_000,
);
