import { PRINTABLE_PATTERN, isCapability } from "./printable.js";

test.each([
  "order 7",
  "näytä",
  "注文",
  "سفارش می‌خواهم",
  "👩‍👩‍👧 family",
  "../../etc/passwd",
  "'; drop table task; --",
  "$(reboot)",
  "раypal",
])("%s is printable, whatever it means elsewhere", (name) => {
  expect([PRINTABLE_PATTERN.test(name), isCapability(name)]).toEqual([true, true]);
});

test.each(["a\0b", "a\nb", "a\u001b[31mb", "\u007f", "\u202egnp.exe", "a\u2066b", "a\u2028b", "\ud800", "x\udc00"])(
  "%j is not",
  (name) => {
    expect([PRINTABLE_PATTERN.test(name), isCapability(name)]).toEqual([false, false]);
  },
);

test.each(["", "a,b", "x".repeat(129)])("%j is no capability", (name) => {
  expect(isCapability(name)).toBe(false);
});
