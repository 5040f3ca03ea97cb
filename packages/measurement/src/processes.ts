import { percentile } from "./distribution.js";
import type { Measurement } from "./measurement.js";
import type { ProcessRecord } from "./records.js";

type ProcessMeasure = Measurement["processes"][number];

/** What processes took, from samples; one that was never sampled is left out. */
export function processesOf(records: readonly ProcessRecord[]): ProcessMeasure[] {
  return records.flatMap(({ name, service, pid, samples }) => {
    const [first] = samples;
    const last = samples.at(-1);
    if (first === undefined || last === undefined) return [];
    const rss = samples.map(({ rssBytes }) => rssBytes);
    return [
      {
        name,
        service,
        pid,
        rssMedianBytes: percentile(rss, 0.5)!,
        rssPeakBytes: percentile(rss, 1)!,
        cpuSeconds: Math.max(0, last.cpuSeconds - first.cpuSeconds),
        samples: sharesOf(samples),
      },
    ];
  });
}

/** From one sample to the next; so the first of them has no share of its own and only begins the second's. */
function sharesOf(samples: ProcessRecord["samples"]): ProcessMeasure["samples"] {
  return samples.slice(1).map(({ atMs, rssBytes, cpuSeconds }, index) => {
    const before = samples[index]!;
    const seconds = (atMs - before.atMs) / 1000;
    return { atMs, rssBytes, cpuShare: seconds > 0 ? Math.max(0, (cpuSeconds - before.cpuSeconds) / seconds) : 0 };
  });
}
