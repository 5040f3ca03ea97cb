import type { Registration } from "@agent-hive/contracts";
import { silentLogger } from "@agent-hive/telemetry";
import { ProcessSampler } from "./process-sampler.js";
import { parseUsage, type ProcessUsage } from "./process-usage.js";

const registration = (agentId: string, more: Partial<Registration> = {}): Registration => ({
  incarnation: `${agentId}-life`,
  agentId,
  service: "agent-qa",
  slots: 1,
  handlers: [],
  pid: 7,
  host: "here",
  registeredAt: "2026-01-01T00:00:00.000Z",
  runId: "run",
  connections: [],
  ...more,
});

function setup(registered: Registration[]) {
  let second = 0;
  const usage = new Map<number, ProcessUsage>([[7, { rssBytes: 100, cpuSeconds: 1 }]]);
  const sampler = new ProcessSampler({
    registrations: async () => registered,
    logger: silentLogger,
    host: "here",
    usage: async (pid) => usage.get(pid),
    nowMs: () => 1000 * second++,
  });
  return { sampler, usage, registered };
}

test("samples of one life are kept together, those of the next life apart", async () => {
  const { sampler, usage, registered } = setup([registration("qa-1")]);
  await sampler.sample();
  await sampler.sample();
  usage.set(8, { rssBytes: 50, cpuSeconds: 0 });
  registered[0] = registration("qa-1", { pid: 8 });
  await sampler.sample();
  const seen = sampler.within({ fromMs: 0, toMs: 10_000 });
  expect(seen.map(({ name, pid, samples }) => [name, pid, samples.length])).toEqual([
    ["qa-1", 7, 2],
    ["qa-1", 8, 1],
  ]);
  expect(sampler.within({ fromMs: 1_500, toMs: 10_000 }).map(({ pid }) => pid)).toEqual([8]);
});

test("who is elsewhere, and who cannot be read here, is named", async () => {
  const { sampler } = setup([registration("qa-1", { pid: 9 }), registration("qa-2", { host: "there" })]);
  await sampler.sample();
  expect(sampler.within({ fromMs: 0, toMs: 10_000 })).toEqual([]);
  expect(sampler.absent()).toEqual([
    "Memory and CPU of processes on another machine (there) are not measured: qa-2.",
    "Memory and CPU of these processes cannot be read from /proc here: qa-1.",
  ]);
});

test("of a long run the latest twenty minutes are kept", async () => {
  const { sampler } = setup([registration("qa-1")]);
  for (let count = 0; count < 1_205; count++) await sampler.sample();
  const { samples } = sampler.within({ fromMs: 0, toMs: Infinity })[0]!;
  expect(samples).toHaveLength(1_200);
  expect(samples[0]!.atMs).toBe(5_000);
});

test("what the kernel says is read, whatever the command is called", () => {
  const stat = `7 (odd) name (x) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 9 9 20 0 11 0 100 1 1`;
  expect(parseUsage(stat, "Name:\tnode\nVmRSS:\t   2048 kB\n")).toEqual({ rssBytes: 2_097_152, cpuSeconds: 2 });
});

test("a process that is over and waits to be collected has no memory to tell of", () => {
  expect(parseUsage("7 (node) Z 1 7", "Name:\tnode\n")).toBeUndefined();
});
