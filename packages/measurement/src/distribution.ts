import type { Distribution } from "./measurement.js";

/** The smallest value that at least the given share of the values does not exceed (nearest rank); null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  return ofSorted(ascending(values), share);
}

/** How values lie. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = ascending(values);
  const at = (share: number): number | null => ofSorted(sorted, share);
  return { count: sorted.length, min: at(0), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

const ascending = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right);

function ofSorted(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
