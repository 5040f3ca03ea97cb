import { recoveryOf } from "./strike.js";

const blow = { incarnation: "dead", at: "2026-01-01T00:00:00.000Z" };
const at = (ms: number) => new Date(Date.parse(blow.at) + ms).toISOString();
const attempt = (outcome: "succeeded" | "crashed", incarnation: string, startedAt: string | null) => ({
  outcome,
  incarnation,
  startedAt,
});

test("a blow is followed to the verdict and to the start elsewhere", () => {
  const attempts = [attempt("crashed", "dead", at(-5)), attempt("succeeded", "live", at(120))];
  const verdicts = [
    { incarnation: "another", at: at(1) },
    { incarnation: "dead", at: at(60) },
  ];
  expect(recoveryOf(blow, attempts, verdicts)).toEqual({ noticedMs: 60, runningMs: 120 });
});

test("what the struck process did itself is no recovery", () => {
  expect(recoveryOf(blow, [attempt("succeeded", "dead", at(10))], [])).toEqual({ noticedMs: null, runningMs: null });
});
