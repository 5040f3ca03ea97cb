import { judgeClocks } from "./clocks.js";

const reading = (aheadMs: number, uncertaintyMs = 1) => ({ aheadMs, uncertaintyMs });

test("clocks that differ by little hold", () => {
  expect(judgeClocks({ PostgreSQL: reading(3), Redis: reading(-4) }).state).toBe("held");
});

test("two servers that differ from each other are named, though neither is far from this machine", () => {
  expect(judgeClocks({ PostgreSQL: reading(40), Redis: reading(-40) })).toMatchObject({
    state: "failed",
    found: expect.stringContaining("PostgreSQL and Redis: 80.0 ± 2.0 ms"),
    remedy: expect.stringContaining("The clocks of PostgreSQL and Redis differ by 80 ms."),
  });
});

test("what is within the uncertainty of the reading counts for nothing", () => {
  expect(judgeClocks({ PostgreSQL: reading(120, 80), Redis: reading(0) }).state).toBe("held");
  expect(judgeClocks({ PostgreSQL: reading(-200, 80), Redis: reading(0) })).toMatchObject({
    state: "failed",
    remedy: expect.stringContaining("this machine and PostgreSQL differ by 200 ms"),
  });
});
