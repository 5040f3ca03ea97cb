import { percentile, spreadOf } from "./statistics.js";

test("a percentile is one of the values, whatever their order", () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 3, 5, 5]);
  expect(percentile([7], 0.99)).toBe(7);
});

test("of nothing there is no percentile", () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test("the spread of an even number of rounds has the lower middle", () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2, min: 1, max: 4 });
});
