import fc from "fast-check";
import { laneOf, type Span } from "./lanes.js";

const spans = fc.array(
  fc.tuple(fc.nat(1000), fc.nat(200)).map(([fromMs, ms]): Span => ({ fromMs, toMs: fromMs + ms })),
  { maxLength: 40 },
);

/** The most spans that cover one moment: no fewer lanes can do. */
function mostAtOnce(all: readonly Span[]): number {
  return Math.max(
    0,
    ...all.map(({ fromMs }) => all.filter((each) => each.fromMs <= fromMs && fromMs < each.toMs).length),
  );
}

test("spans of one lane do not overlap, and there are no more lanes than spans at once", () => {
  fc.assert(
    fc.property(spans, (all) => {
      const real = all.filter(({ fromMs, toMs }) => fromMs < toMs);
      const lanes = laneOf(real, Infinity);
      for (const lane of new Set(lanes)) {
        const own = real.filter((_, index) => lanes[index] === lane).sort((one, other) => one.fromMs - other.fromMs);
        for (const [index, span] of own.slice(1).entries())
          expect(span.fromMs).toBeGreaterThanOrEqual(own[index]!.toMs);
      }
      expect(new Set(lanes).size).toBe(mostAtOnce(real));
    }),
  );
});

test("there are never more lanes than allowed", () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 1, max: 5 }), (all, most) => {
      for (const lane of laneOf(all, most)) expect(lane).toBeLessThan(most);
    }),
  );
});
