import { execFile, spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { parse } from "yaml";
import { NearestHand } from "@agent-hive/chaos";
import { freePorts } from "@agent-hive/launcher";
import type { DemonstratedHive } from "./demonstrated-hive.js";

/** apps/cli/dist/demonstration/hives → the repository. */
const REPOSITORY = resolve(import.meta.dirname, "..", "..", "..", "..", "..");
const FILES = ["docker-compose.yml", join("infra", "docker", "demo.compose.yml")];
/** Of its own: a hive that runs from the same file is not touched. */
const PROJECT = "agent-hive-demo";
const AGENTS = ["agent-architect", "agent-backend", "agent-frontend", "agent-qa"];
const PORTS = [
  "ENGINE_PORT",
  "COORDINATOR_PORT",
  "VALIDATOR_PORT",
  "JAEGER_PORT",
  "POSTGRES_PORT",
  "REDIS_PORT",
] as const;
/** Long enough to hand work back, short enough for who waits at a terminal. */
const STOP_SECONDS = "15";
const MUCH_OUTPUT = 64 * 1024 * 1024;

/** A compose project, from its containers to its volumes. */
class ComposeProject {
  private logs: ChildProcess | undefined;

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** @returns what it wrote; rejects with what it wrote to standard error. */
  async run(...args: string[]): Promise<string> {
    const options = { cwd: REPOSITORY, env: this.env, maxBuffer: MUCH_OUTPUT };
    const { stdout } = await promisify(execFile)("docker", this.command(args), options).catch((error: unknown) => {
      const { stderr, message } = error as { stderr?: string; message: string };
      const reason = stderr?.trim().split("\n").slice(-5).join("\n") || message;
      throw new Error(`docker compose ${args[0]} failed:\n${reason}`, { cause: error });
    });
    return stdout;
  }

  follow(listener: (name: string, line: string) => void): void {
    const args = this.command(["logs", "--follow", "--no-color"]);
    this.logs ??= spawn("docker", args, { cwd: REPOSITORY, env: this.env, stdio: ["ignore", "pipe", "ignore"] });
    createInterface({ input: this.logs.stdout! }).on("line", (line) => {
      const [name = "", ...rest] = line.split("|");
      listener(name.trim(), rest.join("|").trim());
    });
  }

  /** Leaves nothing of it. */
  async remove(): Promise<void> {
    this.logs?.kill();
    await this.run("--profile", "tools", "down", "--volumes", "--remove-orphans", "--timeout", STOP_SECONDS);
  }

  private command(args: string[]): string[] {
    return ["compose", "--project-name", PROJECT, ...FILES.flatMap((file) => ["--file", file]), ...args];
  }
}

/**
 * Containers, brought up from docker-compose.yml as a project of its own and removed at the end. Killed agents are started
 * again by Docker.
 *
 * @throws Error with what Docker says, if it does not come up.
 */
export async function composeHive(agentsPerType: number, tell: (line: string) => void): Promise<DemonstratedHive> {
  const ports = await portsByName();
  const env = { ...process.env, ...ports, HIVE_CHAOS_ENABLED: "true" };
  const project = new ComposeProject(env);
  try {
    tell("Building images, and starting containers.");
    const scale = AGENTS.flatMap((agent) => ["--scale", `${agent}=${agentsPerType}`]);
    await project.run("up", "--detach", "--wait", "--build", ...scale);
    const operator = parse(await project.run("run", "--rm", "provisioner", "settings")) as Record<string, string>;
    const containers = (await project.run("ps", "--quiet")).trim().split("\n").length;
    return {
      engineUrl: `http://127.0.0.1:${ports.ENGINE_PORT}`,
      coordinatorUrl: `http://127.0.0.1:${ports.COORDINATOR_PORT}`,
      validatorUrl: `http://127.0.0.1:${ports.VALIDATOR_PORT}`,
      databaseUrl: at(ports.POSTGRES_PORT, operator["DATABASE_URL"]!),
      redisUrl: at(ports.REDIS_PORT, operator["REDIS_URL"]!),
      apiKey: operator["HIVE_API_KEY"],
      processes: containers,
      hand: new NearestHand(),
      revive: async () => undefined,
      onLine: (listener) => project.follow(listener),
      stop: () => project.remove(),
    };
  } catch (error) {
    await project.remove().catch(() => undefined);
    throw error;
  }
}

async function portsByName(): Promise<Record<(typeof PORTS)[number], string>> {
  const free = await freePorts(PORTS.length);
  return Object.fromEntries(PORTS.map((name, index) => [name, String(free[index])])) as Record<
    (typeof PORTS)[number],
    string
  >;
}

/** The same address, from outside of the containers. */
function at(port: string, address: string): string {
  const url = new URL(address);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}
