import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { AGENT_SERVICES, nodeFlagsOf } from "./service-spec.js";

const REPOSITORY = join(import.meta.dirname, "..", "..", "..", "..");

interface ComposeService {
  image: string;
  build?: { args: { SERVICE: string } };
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  ports?: string[];
  environment?: Record<string, string>;
  volumes?: (string | { source: string; read_only: boolean; volume: { subpath: string } })[];
}

const { services } = parse(readFileSync(join(REPOSITORY, "docker-compose.yml"), "utf8"), { merge: true }) as {
  services: Record<string, ComposeService>;
};
const all = Object.entries(services);
const folders = readdirSync(join(REPOSITORY, "apps"));
const ours = all.filter(([name]) => folders.includes(name));
const running = ours.filter(([name]) => name !== "provisioner");
const ACCOUNTS = new Map(Object.entries(AGENT_SERVICES).map(([type, service]) => [service as string, `agent-${type}`]));

test.each(all)("%s may write nowhere but to its volumes, and has no capability", (_name, service) => {
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
  });
  expect(service.privileged).toBeUndefined();
});

test("ports are published on this machine only", () => {
  const published = all.flatMap(([, { ports = [] }]) => ports);
  expect(published.length).toBeGreaterThan(0);
  expect(published.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
});

test("images of others have a version", () => {
  const foreign = all.map(([, { image }]) => image).filter((image) => !image.startsWith("agent-hive/"));
  expect(foreign.filter((image) => !/:v?\d/.test(image))).toEqual([]);
});

test("every service of the hive is there, built from its folder, and runs as the launcher would run it", () => {
  expect(ours.map(([name]) => name).toSorted()).toEqual(
    [
      "workflow-engine",
      "router",
      "group-coordinator",
      "metrics-validator",
      "provisioner",
      ...Object.values(AGENT_SERVICES),
    ].toSorted(),
  );
  for (const [name, { build, command }] of running) {
    expect(build?.args.SERVICE).toBe(name);
    expect(command).toEqual([...nodeFlagsOf({ name, service: name }, {}), "dist/main.js"]);
  }
});

test("of the secrets each service sees its own, and cannot change them", () => {
  for (const [name, { volumes = [] }] of all) {
    const whole = volumes.some((volume) => typeof volume === "string" && volume.startsWith("secrets:"));
    expect({ name, whole }).toEqual({ name, whole: ["secrets", "stores", "provisioner"].includes(name) });
  }
  for (const [name, { volumes = [] }] of running) {
    const mounts = volumes.filter((volume) => typeof volume !== "string");
    expect(mounts).toEqual([
      expect.objectContaining({
        source: "secrets",
        read_only: true,
        volume: { subpath: ACCOUNTS.get(name) ?? name },
      }),
    ]);
  }
});
