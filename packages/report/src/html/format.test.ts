import { count, duration, list, megabytes, number, offset, percent, quantity, shortened } from "./format.js";

test.each([
  [0, "0 ms"],
  [0.42, "0.4 ms"],
  [142.4, "142 ms"],
  [999.6, "1 s"],
  [1214, "1.21 s"],
  [12_340, "12.3 s"],
  [59_999, "1 min 0 s"],
  [125_000, "2 min 5 s"],
  [-250, "−250 ms"],
  [null, "unknown"],
])("%p ms read as %p", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [null, "ms", "–"],
  [61, "ms", "61 ms"],
  [30, "s", "30 s"],
  [150 * 1024 * 1024, "bytes", "150 MB"],
  [10_000, "1/s", "10,000/s"],
  [0.8, "", "0.8"],
  [120, "MB", "120 MB"],
])("%p of unit %p reads as %p", (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text);
});

test("only all of it is called 100 %", () => {
  expect([1, 0.99999, 0.5, 0, null].map(percent)).toEqual(["100 %", "99.9 %", "50 %", "0 %", "unknown"]);
});

test("things are counted and listed as one says it", () => {
  expect([count(1, "task"), count(2, "task"), count(1000, "process", "processes")]).toEqual([
    "1 task",
    "2 tasks",
    "1,000 processes",
  ]);
  expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])]).toEqual(["", "a", "a and b", "a, b and c"]);
});

test("numbers have the decimals that tell something", () => {
  expect([1.234, 12.34, 1234.5, null].map(number)).toEqual(["1.23", "12.3", "1,235", "unknown"]);
  expect(megabytes(157_286_400)).toBe(150);
  expect([offset(1500, 1000), offset(900, 1000), offset(null, 0)]).toEqual(["0.500 s", "-0.100 s", "–"]);
});

test("a long text is cut between characters, never within one", () => {
  expect(shortened("🐝🐝🐝🐝", 3)).toBe("🐝🐝…");
  expect(shortened("abc", 3)).toBe("abc");
});
