/** Reads V8's CPU profiles: which functions a process spent its time in. */
import { basename } from "node:path";

/** What is used of a `.cpuprofile`; times are microseconds of the machine's monotonic clock. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  name: string;
  microseconds: number;
}

/** Time that was spent in each function itself from one moment to another, the longest first. Idle time is left out. */
export function selfTimes(profile: CpuProfile, fromMicroseconds: number, toMicroseconds: number): SelfTime[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let at = profile.startTime;
  profile.samples.forEach((node, index) => {
    const delta = profile.timeDeltas[index]!;
    at += delta;
    const name = names.get(node)!;
    if (at >= fromMicroseconds && at <= toMicroseconds && name !== "(idle)")
      times.set(name, (times.get(name) ?? 0) + delta);
  });
  return [...times]
    .map(([name, microseconds]) => ({ name, microseconds }))
    .sort((one, other) => other.microseconds - one.microseconds);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName || "(anonymous)";
  return url === "" ? name : `${name} ${placeOf(url)}:${lineNumber + 1}`;
}

/** The package and the file, of a file of a package; else the last part. */
function placeOf(url: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url)?.[1];
  const ours = /\/(?:apps|packages)\/([^/]+)\/dist\//.exec(url)?.[1];
  const owner = inPackage ?? ours;
  return owner === undefined ? url.replace(/^file:.*\//, "") : `${owner}/${basename(url)}`;
}
