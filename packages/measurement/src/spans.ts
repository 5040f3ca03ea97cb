/** Something that lasted, from one time up to another. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** How many of the spans there were at once, at most. What ends when another begins is not at once with it. */
export function mostAtOnce(spans: readonly Span[]): number {
  const starts = ascending(spans.map(({ fromMs }) => fromMs));
  const ends = ascending(spans.map(({ fromMs, toMs }) => Math.max(fromMs, toMs)));
  let ended = 0;
  let most = 0;
  starts.forEach((start, index) => {
    while (ends[ended]! <= start && ended < index) ended++;
    most = Math.max(most, index + 1 - ended);
  });
  return most;
}

/** How many of the spans there were at each of the times, which are in order. */
export function countsAt(spans: readonly Span[], times: readonly number[]): number[] {
  const starts = ascending(spans.map(({ fromMs }) => fromMs));
  const ends = ascending(spans.map(({ fromMs, toMs }) => Math.max(fromMs, toMs)));
  let started = 0;
  let ended = 0;
  return times.map((time) => {
    while (started < starts.length && starts[started]! <= time) started++;
    while (ended < ends.length && ends[ended]! <= time) ended++;
    return started - ended;
  });
}

const ascending = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right);
