import { randomBytes } from "node:crypto";
import { createConnection } from "node:net";
import { join, relative } from "node:path";
import { freePort } from "../processes/free-ports.js";
import { ManagedProcess } from "../processes/managed-process.js";
import { startOrStop, type ServerPlace } from "./embedded-postgres.js";
import { findRedis, type FindRedisOptions, type RedisBinary } from "./redis-binary.js";
import { ownFolder, reachableCopy } from "./server-account.js";

const ANSWER_WITHIN_MS = 1_000;

/** Redis on a free port at 127.0.0.1, with a random password and an append-only file; started again when it dies. */
export class EmbeddedRedis {
  private constructor(
    /** `redis://:…@127.0.0.1:…` */
    readonly url: string,
    readonly process: ManagedProcess,
  ) {}

  /**
   * Finds or fetches a server, starts it on the data in the place's folder, and waits until it answers.
   *
   * @param own settings over the usual ones, by Redis's names.
   */
  static async start(
    place: ServerPlace,
    options: FindRedisOptions = {},
    own: Record<string, string> = {},
  ): Promise<EmbeddedRedis> {
    const binary = reachable(await findRedis(options), place);
    const home = ownFolder(join(place.folder, "redis"), place.account);
    const password = randomBytes(24).toString("hex");
    const port = await freePort();
    const server = new ManagedProcess(
      {
        name: "redis",
        command: binary.program,
        args: ["-"], // the configuration comes by standard input: nobody reads the password in a list of processes
        input: configuration({ port, password, folder: home }, own),
        cwd: home,
        env: binary.libraryPath ? { LD_LIBRARY_PATH: binary.libraryPath } : {},
        ...(place.account && { runAs: place.account }),
        logFile: place.logFile,
        isReady: () => answersPing(port, password),
      },
      place.reaper,
    );
    await startOrStop(server);
    return new EmbeddedRedis(`redis://:${password}@127.0.0.1:${port}`, server);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

function reachable(binary: RedisBinary, place: ServerPlace): RedisBinary {
  const { folder, program, libraryPath } = binary;
  if (!folder) return binary;
  const copy = reachableCopy(folder, join(place.runFolder, "redis-binaries"), place.account);
  return {
    folder: copy,
    program: join(copy, relative(folder, program)),
    libraryPath: libraryPath?.replaceAll(folder, copy),
  };
}

function configuration(
  { port, password, folder }: { port: number; password: string; folder: string },
  own: Record<string, string>,
): string {
  return [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction", // anything else may evict a stream together with its groups
    ...Object.entries(own).map(([name, value]) => `${name} ${value}`), // of a setting given twice the last one counts
    "",
  ].join("\n");
}

/** False while it loads its data, too: it then answers LOADING. */
function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = createConnection({ port, host: "127.0.0.1", timeout: ANSWER_WITHIN_MS });
    const settle = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.on("connect", () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on("data", (data) => {
      answer += data.toString();
      if (answer.includes("+PONG") || answer.includes("-")) settle(answer.includes("+PONG"));
    });
    for (const event of ["error", "timeout", "close"] as const) socket.on(event, () => settle(false));
  });
}
