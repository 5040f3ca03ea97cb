import fc from "fast-check";
import { countsAt, mostAtOnce } from "./spans.js";

const spans = fc
  .array(fc.record({ fromMs: fc.integer({ min: 0, max: 50 }), lastsMs: fc.integer({ min: 1, max: 20 }) }))
  .map((drawn) => drawn.map(({ fromMs, lastsMs }) => ({ fromMs, toMs: fromMs + lastsMs })));
const times = Array.from({ length: 80 }, (_, time) => time);

test("spans at once are counted as one would by looking at each moment", () => {
  fc.assert(
    fc.property(spans, (drawn) => {
      const counted = times.map((time) => drawn.filter(({ fromMs, toMs }) => fromMs <= time && time < toMs).length);
      expect(countsAt(drawn, times)).toEqual(counted);
      expect(mostAtOnce(drawn)).toBe(Math.max(...counted));
    }),
  );
});

test("what ends as another begins is not at once with it", () => {
  const [first, second] = [
    { fromMs: 0, toMs: 5 },
    { fromMs: 5, toMs: 9 },
  ];
  expect(mostAtOnce([first, second])).toBe(1);
  expect(mostAtOnce([])).toBe(0);
});

test("what never ends is counted from its start on", () => {
  expect(countsAt([{ fromMs: 2, toMs: Infinity }], [1, 2, 3])).toEqual([0, 1, 1]);
});
