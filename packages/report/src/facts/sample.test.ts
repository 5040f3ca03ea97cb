import fc from "fast-check";
import { evenly, sampleTiers } from "./sample.js";

const distinct = fc.uniqueArray(fc.integer(), { maxLength: 200 });

test("an even sample has as many items as there is room for, each once, in order, from the first to the last", () => {
  fc.assert(
    fc.property(distinct, fc.nat(100), (items, limit) => {
      const sample = evenly(items, limit);
      expect(sample).toHaveLength(Math.min(items.length, limit));
      expect(items.filter((item) => sample.includes(item))).toEqual(sample);
      if (sample.length >= 2) expect([sample[0], sample.at(-1)]).toEqual([items[0], items.at(-1)]);
    }),
  );
});

test("a tier is taken whole before anything of the next one is taken", () => {
  fc.assert(
    fc.property(fc.array(distinct, { maxLength: 4 }), fc.nat(300), (tiers, limit) => {
      const sizes = tiers.map((tier) => tier.length);
      const sample = sampleTiers(tiers, limit);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(sample).toHaveLength(Math.min(limit, total));
      let from = 0;
      for (const tier of tiers) {
        if (from + tier.length > limit) break;
        expect(sample.slice(from, from + tier.length)).toEqual(tier);
        from += tier.length;
      }
    }),
  );
});
