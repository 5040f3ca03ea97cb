import { decideTrim } from "./events-trimmer.js";

test("events within their limit stay", () => {
  expect(decideTrim({ bytes: 1000, length: 50, limitBytes: 1000 })).toBeUndefined();
  expect(decideTrim({ bytes: 0, length: 0, limitBytes: 1000 })).toBeUndefined();
});

test("above it so many stay as take three quarters of it", () => {
  expect(decideTrim({ bytes: 4000, length: 400, limitBytes: 1000 })).toBe(75);
});
