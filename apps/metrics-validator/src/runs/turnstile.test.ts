import { Turnstile } from "./turnstile.js";

test("one passes at a time, in the order in which they came, and a failure stops nobody", async () => {
  const turnstile = new Turnstile();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const passes = [
    turnstile.pass(async () => {
      seen.push("first in");
      await first.promise;
      seen.push("first out");
      throw new Error("trouble");
    }),
    turnstile.pass(async () => void seen.push("second")),
  ];
  await Promise.resolve();
  expect(seen).toEqual(["first in"]);
  first.resolve();
  expect((await Promise.allSettled(passes)).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(seen).toEqual(["first in", "first out", "second"]);
});

test("when many wait, the next is told to come again", async () => {
  const turnstile = new Turnstile();
  const open = Promise.withResolvers<void>();
  const passes = Array.from({ length: 8 }, () => turnstile.pass(() => open.promise));
  await expect(turnstile.pass(async () => undefined)).rejects.toMatchObject({ problem: { code: "TOO_BUSY" } });
  open.resolve();
  await Promise.all(passes);
  await expect(turnstile.pass(async () => "in")).resolves.toBe("in");
});
