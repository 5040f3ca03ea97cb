import { readOptions } from "./options.js";

test("what is given goes before what --quick says", () => {
  expect(readOptions(["--quick", "--rounds", "3", "--only", "burst, one"])).toMatchObject({
    rounds: 3,
    workflows: 1_000,
    only: ["burst", "one"],
  });
});

test.each([
  ["--rounds", "0"],
  ["--workflows", "many"],
  ["--agents", "1.5"],
])("%s refuses %s and says what is needed", (option, value) => {
  expect(() => readOptions([option, value])).toThrow(`${option} is "${value}"; a whole number from 1 on is needed.`);
});

test("an unknown option or layout is named", () => {
  expect(() => readOptions(["--fast"])).toThrow("--fast");
  expect(() => readOptions(["--layout", "mixed"])).toThrow('--layout is "mixed"');
});
