import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CRASH_POINTS_VARIABLE, type CrashPoint } from "@agent-hive/proof";

const LOOK_EVERY_MS = 10;
/** The back-up timeout fires seven seconds after the task's own; everything else is reached sooner. */
const SPRUNG_WITHIN_MS = 60_000;

/** Arms crash points of processes that were started with its `env`, and sees which have killed. */
export class CrashTrap {
  private readonly folder = mkdtempSync(join(tmpdir(), "agent-hive-crash-points-"));

  get env(): NodeJS.ProcessEnv {
    return { [CRASH_POINTS_VARIABLE]: this.folder };
  }

  /** The next process that reaches the point gets the signal there; the one after it does not. */
  arm(point: CrashPoint, signal: NodeJS.Signals): void {
    const file = join(this.folder, point);
    writeFileSync(`${file}.new`, signal);
    renameSync(`${file}.new`, file);
  }

  /** @throws Error if no process reached the point. */
  async sprung(point: CrashPoint): Promise<void> {
    const deadline = performance.now() + SPRUNG_WITHIN_MS;
    while (existsSync(join(this.folder, point))) {
      if (performance.now() > deadline) {
        rmSync(join(this.folder, point), { force: true });
        throw new Error(`No process reached "${point}" within ${SPRUNG_WITHIN_MS} ms.`);
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
