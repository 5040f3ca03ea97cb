import fc from "fast-check";
import { delivery } from "../test-fixtures/entries.js";
import { Admission } from "./admission.js";

/** Random arrivals and endings; what is admitted is applied at once. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("ordinary" as const) }),
  fc.record({ kind: fc.constant("suspect" as const) }),
  fc.record({ kind: fc.constant("end" as const) }),
);

test("whatever comes in whatever order, a suspect runs alone, and everything runs in the end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const admission = new Admission();
      const running: { isSuspect: boolean }[] = [];
      let admitted = 0;
      let ran = 0;
      const begin = (): void => {
        for (let next = admission.next(running.length); next; next = admission.next(running.length)) {
          expect(next.alone).toBe(next.deliveries.every(({ payload }) => payload.crashes > 0));
          running.push(...next.deliveries.map(({ payload }) => ({ isSuspect: payload.crashes > 0 })));
          ran += next.deliveries.length;
        }
        if (running.some(({ isSuspect }) => isSuspect)) {
          expect(running).toHaveLength(1);
          expect(admission.isClosed(running.length)).toBe(true);
        }
      };
      for (const { kind } of steps) {
        if (kind === "end") running.shift();
        else {
          const crashes = kind === "suspect" ? 1 : 0;
          admission.admit(delivery({ crashes }), { crashes, crashesAlone: 0 });
          admitted++;
        }
        begin();
      }
      while (running.shift()) begin();
      expect({ ran, waiting: admission.waiting, closed: admission.isClosed(0) }).toEqual({
        ran: admitted,
        waiting: 0,
        closed: false,
      });
    }),
  );
});

test("an entry that is handed over twice waits once", () => {
  const admission = new Admission();
  const same = delivery();
  admission.admit(same, same.payload);
  admission.admit(same, same.payload);
  expect(admission.next(0)?.deliveries).toEqual([same]);
});
