/** Something that takes time, in any unit. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/**
 * Puts spans into as few lanes as keep those of a lane apart, and never into more than `most`: from there on they lie upon
 * each other. Returns each span's lane, in the order of the spans.
 */
export function laneOf(spans: readonly Span[], most: number): number[] {
  const lanes = new Array<number>(spans.length).fill(0);
  const freeFrom: number[] = [];
  const byBegin = spans.map((span, index) => ({ span, index })).sort((a, b) => a.span.fromMs - b.span.fromMs);
  for (const { span, index } of byBegin) {
    const free = freeFrom.findIndex((until) => until <= span.fromMs);
    const lane = free >= 0 ? free : Math.min(freeFrom.length, most - 1);
    lanes[index] = lane;
    freeFrom[lane] = Math.max(freeFrom[lane] ?? -Infinity, span.toMs);
  }
  return lanes;
}
