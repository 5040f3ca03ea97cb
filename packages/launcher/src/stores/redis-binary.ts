/** Finds a Redis server to run; fetches one into the cache when the machine has none. */
import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../cache-folder.js";
import { LauncherError } from "../launcher-error.js";

const run = promisify(execFile);

/** The command set that the hive is written for. */
const OLDEST_MAJOR_VERSION = 7;
const NAMES = ["redis-server", "valkey-server"];
const DOWNLOAD_WITHIN_MS = 180_000;

/** A server that can be run: the folder that holds all that is its own, and the program. */
export interface RedisBinary {
  /** Undefined for a server that is installed on the machine. */
  folder?: string;
  program: string;
  libraryPath?: string;
}

export interface FindRedisOptions {
  /** Where to look for an installed server, as in PATH. Default: PATH. */
  path?: string;
  /** Default: {@link cacheFolder}. */
  cache?: string;
  /** Whether a missing server may be fetched. Default true. */
  fetch?: boolean;
  /** Told what takes long. */
  onProgress?: (message: string) => void;
}

/**
 * The first usable server: installed (`redis-server`, `valkey-server`), in the cache, or fetched into the cache from the
 * Debian or Ubuntu archive that the machine trusts (`apt-get download` and `dpkg -x`: nothing is installed, no
 * privileges are needed).
 *
 * @throws LauncherError REDIS_UNAVAILABLE, naming the ways out.
 */
export async function findRedis(options: FindRedisOptions = {}): Promise<RedisBinary> {
  const { path = process.env["PATH"] ?? "", cache = cacheFolder(), fetch = true, onProgress = () => {} } = options;
  const folder = join(cache, `redis-${process.platform}-${process.arch}`);
  const found = (await installedServer(path)) ?? (await fetchedServer(folder));
  if (found) return found;
  let cause: unknown;
  if (fetch && process.platform === "linux") {
    onProgress("Fetching a Redis server for this run and later ones into the cache.");
    try {
      await fetchServer(cache, folder);
      const fetched = await fetchedServer(folder);
      if (fetched) return fetched;
    } catch (error) {
      cause = error;
    }
  }
  throw unavailable(cause);
}

async function installedServer(path: string): Promise<RedisBinary | undefined> {
  for (const name of NAMES) {
    for (const folder of path.split(delimiter).filter(Boolean)) {
      const program = join(folder, name);
      if (await isUsable({ program })) return { program };
    }
  }
  return undefined;
}

async function fetchedServer(folder: string): Promise<RedisBinary | undefined> {
  const libraries = await readdir(join(folder, "usr", "lib")).catch(() => []);
  const libraryPath = libraries.map((triplet) => join(folder, "usr", "lib", triplet)).join(delimiter);
  for (const name of NAMES) {
    const binary = { folder, program: join(folder, "usr", "bin", name), libraryPath };
    if (await isUsable(binary)) return binary;
  }
  return undefined;
}

async function isUsable({ program, libraryPath }: RedisBinary): Promise<boolean> {
  try {
    await access(await realpath(program), constants.X_OK);
    const { stdout } = await run(program, ["--version"], { env: libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {} });
    return Number(/v=(\d+)\./.exec(stdout)?.[1]) >= OLDEST_MAJOR_VERSION;
  } catch {
    return false;
  }
}

/**
 * Unpacks the server's packages, and those it needs and the machine lacks, into the folder: all of it or nothing. Goes by
 * the machine's own package lists; where these are missing or name files that the archive no longer has, by new private
 * ones.
 */
async function fetchServer(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "fetching-redis-"));
  try {
    await download(aptIn(work)).catch(async () => {
      await mkdir(join(work, "lists", "partial"), { recursive: true });
      const apt = aptIn(work, ["-o", `Dir::State::Lists=${join(work, "lists")}`]);
      await apt("update");
      await download(apt);
    });
    const unpacked = join(work, "unpacked");
    for (const file of await readdir(work)) {
      if (file.endsWith(".deb")) await run("dpkg", ["-x", join(work, file), unpacked]);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Apt = (...args: string[]) => Promise<string>;

/** apt-get as any user may run it: it locks and changes nothing outside of the folder. */
function aptIn(work: string, options: string[] = []): Apt {
  const common = [
    "-qq",
    "-o",
    "Debug::NoLocking=1",
    "-o",
    "APT::Sandbox::User=root",
    "-o",
    `Dir::Cache=${work}`,
    ...options,
  ];
  return async (...args) =>
    (await run("apt-get", [...common, ...args], { cwd: work, timeout: DOWNLOAD_WITHIN_MS })).stdout;
}

async function download(apt: Apt): Promise<void> {
  const plan = await apt("--simulate", "--no-install-recommends", "install", "redis-server");
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
  await apt("download", ...new Set(["redis-server", "redis-tools", ...missing]));
}

function unavailable(cause: unknown): LauncherError {
  const install = process.platform === "darwin" ? `"brew install redis"` : "your system's package manager";
  const why = cause instanceof Error ? ` Fetching one failed: ${cause.message.trim()}` : "";
  return new LauncherError(
    "REDIS_UNAVAILABLE",
    `No Redis or Valkey server (version ${OLDEST_MAJOR_VERSION} or newer) was found. Install one with ${install}, or set REDIS_URL, ` +
      `e.g. to that of "docker run --rm -p 127.0.0.1:6379:6379 redis:8": redis://127.0.0.1:6379.${why}`,
    { cause },
  );
}
