import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { HiveUnreachableError } from "@agent-hive/client";
import type { AttemptView, SubmittedWorkflow, WorkflowDefinitionInput } from "@agent-hive/contracts";
import type { HiveLauncherOptions, ProcessExit, ProcessInfo } from "@agent-hive/launcher";
import type { CrashPoint } from "@agent-hive/proof";
import { TestHive } from "../test-hive.js";
import { CrashTrap } from "./crash-trap.js";
import { Gate } from "./gate.js";

const SETTLED_WITHIN_MS = 60_000;

/** A hive whose processes are killed at crash points, and started again at once by their supervisor. */
export class DoomedHive {
  private readonly deaths: { service: string; signal: NodeJS.Signals | null }[] = [];

  private constructor(
    readonly hive: TestHive,
    readonly gate: Gate,
    private readonly trap: CrashTrap,
  ) {
    const { supervisor } = hive.launcher;
    supervisor.on("exited", ({ service }: ProcessInfo, { signal }: ProcessExit) => {
      this.deaths.push({ service, signal });
    });
    // Without the supervisor's pause, which grows with each quick death: here they are many.
    supervisor.on("state", ({ name, state }) => {
      if (state === "backing-off") void supervisor.start(name).catch(() => undefined); // `settled` tells
    });
  }

  static async start(options: Pick<HiveLauncherOptions, "agentsPerType" | "replicas">): Promise<DoomedHive> {
    const trap = new CrashTrap();
    const gate = await Gate.listen();
    try {
      // What runs is handed back at once when its process is told to stop.
      const env = { ...trap.env, ...gate.env, HIVE_DRAIN_MS: "50" };
      return new DoomedHive(await TestHive.start({ ...options, env, askAnotherAfterMs: 5_000 }), gate, trap);
    } catch (error) {
      trap.remove();
      gate.remove();
      throw error;
    }
  }

  /** Arms the points; a process each will die there, or be frozen by SIGSTOP. */
  arm(points: readonly CrashPoint[], signal: "SIGKILL" | "SIGSTOP" = "SIGKILL"): void {
    this.deaths.length = 0;
    for (const point of points) this.trap.arm(point, signal);
  }

  /** Resolves when a process has died at each point. @returns the services of those that were killed, in order. */
  async died(points: readonly CrashPoint[]): Promise<string[]> {
    for (const point of points) await this.trap.sprung(point);
    const killed = () => this.deaths.filter(({ signal }) => signal === "SIGKILL").map(({ service }) => service);
    return this.hive.until(
      "every death",
      async () => killed(),
      (services) => services.length >= points.length,
    );
  }

  /** Resolves when a process is frozen at the point and was declared so. @returns who it is. */
  async frozen(point: CrashPoint): Promise<{ name: string; incarnation: string }> {
    await this.trap.sprung(point);
    const { client, launcher } = this.hive;
    const stopped = await this.hive.until(
      "a frozen process",
      async () => launcher.supervisor.list().find(({ pid }) => pid !== undefined && isStopped(pid)),
      (found) => found !== undefined,
    );
    const registered = await this.hive.store.registrations();
    const { incarnation } = registered.find(({ pid }) => pid === stopped!.pid)!;
    await this.hive.until(
      "its verdict",
      () => client.verdicts(),
      (all) => all.some((each) => each.incarnation === incarnation),
      SETTLED_WITHIN_MS,
    );
    return { name: stopped!.name, incarnation };
  }

  /** Lets a frozen process go on; resolves when it has learned of its death and is another incarnation. */
  async thaw({ name, incarnation }: { name: string; incarnation: string }): Promise<void> {
    const { supervisor } = this.hive.launcher;
    const { pid } = supervisor.find(name);
    supervisor.kill(name, "SIGCONT");
    const registrations = () => this.hive.store.registrations();
    await this.hive.until(
      "its new incarnation",
      registrations,
      (all) => all.some((each) => each.pid === pid && each.incarnation !== incarnation),
      SETTLED_WITHIN_MS,
    );
  }

  /** Stored exactly once, however often an engine dies of it. */
  submit(definition: WorkflowDefinitionInput): Promise<SubmittedWorkflow> {
    const idempotencyKey = randomUUID();
    return this.insist(() => this.hive.client.submit(definition, { idempotencyKey }));
  }

  /** Asks until an engine answers. */
  async insist<T>(request: () => Promise<T>): Promise<T> {
    for (const deadline = performance.now() + SETTLED_WITHIN_MS; ; await new Promise((r) => setTimeout(r, 20))) {
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof HiveUnreachableError) || performance.now() > deadline) throw error;
      }
    }
  }

  /** Tasks that were not recorded as succeeded exactly as often as they should be: once if they succeeded, else never. */
  async misrecorded(workflowId: string): Promise<string[]> {
    const recordings = await this.insist(() => this.hive.recordings(workflowId));
    const tasks = await this.insist(() => this.hive.client.tasks(workflowId));
    return tasks.flatMap(({ id, state }) => {
      const { [id]: count = 0 } = recordings;
      return count === (state === "succeeded" ? 1 : 0) ? [] : `${id} ${state}, recorded ${count} times`;
    });
  }

  /**
   * What happened to the tasks of a workflow beside being recorded once each, sorted: `task outcome`. Both ways to lose a
   * started delivery are `struck`: a coordinator that was held up itself calls a crash a freeze, and charges nobody.
   */
  async mishaps(workflowId: string, expected: readonly string[] = []): Promise<string[]> {
    const attempts = await this.insist(() => this.hive.client.attempts(workflowId));
    const open = [...expected];
    const isTold = ({ taskId, outcome }: AttemptView): boolean => {
      const place = open.indexOf(`${taskId} ${nameOf(outcome)}`);
      if (place >= 0) open.splice(place, 1);
      // A process that a busy machine starves for 1.5 s is called frozen, which charges nobody.
      return place >= 0 || outcome !== "frozen";
    };
    return attempts
      .filter((attempt) => attempt.outcome !== "succeeded" && isTold(attempt))
      .map(({ taskId, outcome }) => `${taskId} ${nameOf(outcome)}`)
      .toSorted();
  }

  /** Resolves when all processes are up again and nothing is left of any work in Redis. */
  async settled(): Promise<void> {
    const { launcher, store } = this.hive;
    const down = () =>
      launcher.supervisor
        .list()
        .filter(({ state }) => state !== "ready")
        .map(({ name }) => name);
    await this.hive.until(
      "all processes up",
      async () => down(),
      (names) => names.length === 0,
      SETTLED_WITHIN_MS,
    );
    const nothing = (left: Record<string, number>) => Object.keys(left).length === 0;
    await this.hive.until("nothing left in Redis", () => store.leftovers(), nothing, SETTLED_WITHIN_MS);
  }

  async stop(): Promise<void> {
    await this.hive.stop();
    this.trap.remove();
    this.gate.remove();
  }
}

/** Linux tells the state of a process after its name; T is stopped by a signal. */
const isStopped = (pid: number): boolean =>
  / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1)!.slice(0, 3));

/** A held-up observer calls a crash a freeze. */
function nameOf(outcome: AttemptView["outcome"]): string {
  return outcome === "crashed" || outcome === "frozen" ? "struck" : outcome;
}
