/**
 * A process is frozen between two steps until another has taken its work over, and then wakes to go on where it stood: it
 * finds that the work is not its own any more, and changes nothing (I2, I3).
 */
import type { CrashPoint } from "@agent-hive/proof";
import { diamond } from "./crashing/acts.js";
import { DoomedHive } from "./crashing/doomed-hive.js";

let doomed: DoomedHive;

beforeAll(async () => {
  doomed = await DoomedHive.start({ agentsPerType: { backend: 2 }, replicas: 2 });
}, 120_000);

afterAll(() => doomed?.stop(), 60_000);

test.each<[CrashPoint, string[]]>([
  ["results.read", []],
  ["results.committed", []],
  ["dispatch.read", []],
  ["tasks.taken", []],
  ["handler.finished", ["first struck"]],
])(
  "a process that is frozen at %s and thawed once its work is done by another changes nothing",
  async (point, mishaps) => {
    const { hive } = doomed;
    doomed.arm([point], "SIGSTOP");
    const workflowId = await diamond(doomed);
    const frozen = await doomed.frozen(point);
    const { state } = await hive.ended(workflowId);
    const before = await hive.client.attempts(workflowId);

    await doomed.thaw(frozen);
    await doomed.settled();
    expect({ state, misrecorded: await doomed.misrecorded(workflowId) }).toEqual({
      state: "succeeded",
      misrecorded: [],
    });
    expect(await doomed.mishaps(workflowId, mishaps)).toEqual(mishaps);
    expect(await hive.client.attempts(workflowId)).toEqual(before);
    expect(await startsOf(workflowId)).toEqual({ ...ONCE_EACH, ...(mishaps.length > 0 && { first: 2 }) });
  },
  120_000,
);

const ONCE_EACH = { first: 1, left: 1, right: 1, last: 1 };

/** How often a handler was started for each task. */
async function startsOf(workflowId: string): Promise<Record<string, number>> {
  const starts: Record<string, number> = {};
  for (const event of await doomed.hive.store.events()) {
    if (event.type !== "task.started" || event.workflowId !== workflowId) continue;
    starts[event.taskId!] = (starts[event.taskId!] ?? 0) + 1;
  }
  return starts;
}
