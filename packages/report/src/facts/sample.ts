/**
 * At most `limit` of the items, evenly spread over them, in their order; the first and the last are among them if two or
 * more are taken.
 */
export function evenly<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  if (limit <= 0) return [];
  if (limit === 1) return [items[0]!];
  const step = (items.length - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, index) => items[Math.round(index * step)]!);
}

/**
 * At most `limit` of all items: tiers that matter more come first and are taken whole as long as there is room; from the
 * one that does not fit an even sample is taken.
 */
export function sampleTiers<T>(tiers: readonly (readonly T[])[], limit: number): T[] {
  const taken: T[] = [];
  for (const tier of tiers) taken.push(...evenly(tier, limit - taken.length));
  return taken;
}
