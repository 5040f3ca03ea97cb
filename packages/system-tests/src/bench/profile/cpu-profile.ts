/** Reads V8's CPU profiles: which functions a process spent its time in. */
import { basename } from "node:path";

/** What is used of a `.cpuprofile`; times are microseconds of the machine's monotonic clock. */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
}

export interface TimeOf {
  name: string;
  microseconds: number;
}

/** Each with the longest first. */
export interface ProfileTimes {
  /** In the functions themselves. */
  self: TimeOf[];
  /** In functions of ours, together with whatever they called. */
  inclusive: TimeOf[];
  /** In the functions of each package, themselves. */
  byPackage: TimeOf[];
}

/**
 * V8 looks every millisecond. A longer step means that the process did not run, on a machine that is busy: what happened
 * to be on its stack took no time.
 */
const LONGEST_STEP_MICROSECONDS = 2_000;

/** Where the time went from one moment to another; idle time is left out. */
export function profileTimes(profile: CpuProfile, fromMicroseconds: number, toMicroseconds: number): ProfileTimes {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const [self, inclusive, byPackage] = [new Times(), new Times(), new Times()];
  for (const [id, microseconds] of timeByNode(profile, fromMicroseconds, toMicroseconds)) {
    const { callFrame } = nodes.get(id)!;
    if (callFrame.functionName === "(idle)") continue;
    self.add(nameOf(callFrame), microseconds);
    byPackage.add(packageOf(callFrame), microseconds);
    const callers = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)!.callFrame;
      if (OURS.test(frame.url)) callers.add(nameOf(frame));
    }
    for (const name of callers) inclusive.add(name, microseconds);
  }
  return { self: self.sorted(), inclusive: inclusive.sorted(), byPackage: byPackage.sorted() };
}

function timeByNode(profile: CpuProfile, from: number, to: number): Map<number, number> {
  const times = new Map<number, number>();
  let at = profile.startTime;
  profile.samples.forEach((node, index) => {
    const step = profile.timeDeltas[index]!;
    at += step;
    if (at < from || at > to) return;
    times.set(node, (times.get(node) ?? 0) + Math.min(step, LONGEST_STEP_MICROSECONDS));
  });
  return times;
}

class Times {
  private readonly byName = new Map<string, number>();

  add(name: string, microseconds: number): void {
    this.byName.set(name, (this.byName.get(name) ?? 0) + microseconds);
  }

  sorted(): TimeOf[] {
    const times = [...this.byName].map(([name, microseconds]) => ({ name, microseconds }));
    return times.sort((one, other) => other.microseconds - one.microseconds);
  }
}

const OURS = /\/(?:apps|packages)\/([^/]+)\/dist\//;
const INSTALLED = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function nameOf(frame: CallFrame): string {
  const name = frame.functionName || "(anonymous)";
  if (frame.url === "") return name;
  const file = frame.url.startsWith("node:") ? "" : `/${basename(frame.url)}`;
  return `${name} ${packageOf(frame)}${file}:${frame.lineNumber + 1}`;
}

function packageOf({ url, functionName }: CallFrame): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "native";
  return (INSTALLED.exec(url) ?? OURS.exec(url))?.[1] ?? url;
}
