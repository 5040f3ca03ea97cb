/**
 * Under which account the embedded servers run, and where their files may lie. Root must not run PostgreSQL and should
 * not run Redis: both then run as `nobody`, who may not enter folders such as /root. So their files lie in a folder
 * that it can enter. No account is ever added to the machine.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { LauncherError } from "../launcher-error.js";

export interface Account {
  uid: number;
  gid: number;
}

/** The unprivileged account to run servers under when this process is root's; undefined otherwise. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const idOf = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8", stdio: "pipe" }));
    return { uid: idOf("-u"), gid: idOf("-g") };
  } catch (error) {
    const message = `PostgreSQL does not run as root, and there is no account "nobody" to run it under. Run as another user, or set DATABASE_URL and REDIS_URL.`;
    throw new LauncherError("POSTGRES_UNAVAILABLE", message, { cause: error });
  }
}

/** A new folder for one run's servers. */
export function temporaryFolder(account: Account | undefined): string {
  const parent = account ? [tmpdir(), "/tmp", "/var/tmp"].find(isEnterable) : tmpdir();
  if (!parent) {
    throw new LauncherError(
      "POSTGRES_UNAVAILABLE",
      `No folder for temporary files that "nobody" can enter; tried ${tmpdir()}, /tmp, /var/tmp.`,
    );
  }
  const folder = mkdtempSync(join(realpathSync(parent), "agent-hive-"));
  if (account) chmodSync(folder, 0o711);
  return folder;
}

/**
 * The folder in which to keep the servers' data: the wanted one, or, when the account could not enter that, one of the
 * same meaning below /var/tmp.
 */
export function persistentFolder(wanted: string, account: Account | undefined): string {
  mkdirSync(wanted, { recursive: true });
  if (!account || isEnterable(wanted)) return resolve(wanted);
  const owner = `/var/tmp/agent-hive-${process.getuid!()}`;
  mkdirSync(owner, { recursive: true, mode: 0o711 });
  const found = lstatSync(owner);
  if (!found.isDirectory() || found.uid !== process.getuid!()) {
    throw new LauncherError(
      "POSTGRES_UNAVAILABLE",
      `${owner} belongs to somebody else. Remove it, or set DATABASE_URL and REDIS_URL.`,
    );
  }
  const folder = join(
    owner,
    `${basename(resolve(wanted))}-${createHash("sha256").update(resolve(wanted)).digest("hex").slice(0, 12)}`,
  );
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

/** A folder of the account's own, entered by nobody else. */
export function ownFolder(folder: string, account: Account | undefined): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account) chownSync(folder, account.uid, account.gid);
  return folder;
}

/** The folder itself when the account can enter it, else a copy of it. */
export function reachableCopy(folder: string, copy: string, account: Account | undefined): string {
  if (!account || isEnterable(folder)) return folder;
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** Whether every account may enter the folder. */
function isEnterable(folder: string): boolean {
  try {
    for (let at = realpathSync(folder); ; at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0) return false;
      if (at === dirname(at)) return true;
    }
  } catch {
    return false;
  }
}
