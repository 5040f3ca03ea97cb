import type { Registration, Verdict } from "@agent-hive/contracts";
import { VerdictLedger } from "./verdict-ledger.js";

const death = (incarnation: string) => ({
  registration: { incarnation, agentId: "backend-1", service: "agent", group: "backend_consumers" } as Registration,
  kind: "crashed" as const,
  evidence: "all 3 connections gone in one look",
  carriedOutMs: 3,
});
const verdict = (incarnation: string, at: string): Verdict => ({
  incarnation,
  agentId: "qa-1",
  service: "agent",
  kind: "left",
  evidence: "it said goodbye",
  by: incarnation,
  at,
});

test("a verdict is shown with what its process held, and with the removal of its consumer once that is done", () => {
  const ledger = new VerdictLedger();
  ledger.lookedAt([["b.1", 4]]);
  ledger.record(death("b.1"), "coordinator");
  expect(ledger.merged([])).toMatchObject([
    { incarnation: "b.1", kind: "crashed", execution: { carriedOutMs: 3, entriesHeld: 4, consumerRemovedAt: null } },
  ]);
  ledger.removed(["b.1", "unknown"]);
  expect(ledger.merged([])[0]!.execution!.consumerRemovedAt).toEqual(expect.any(String));
});

test("verdicts of others are shown without execution, each incarnation once, the newest first", () => {
  const ledger = new VerdictLedger();
  ledger.record(death("b.1"), "coordinator");
  const merged = ledger.merged([
    verdict("old", "2026-01-01T00:00:00.000Z"),
    verdict("b.1", "2026-01-02T00:00:00.000Z"),
    verdict("newest", "2999-01-01T00:00:00.000Z"),
  ]);
  expect(merged.map(({ incarnation, execution }) => [incarnation, execution !== null])).toEqual([
    ["newest", false],
    ["b.1", true],
    ["old", false],
  ]);
});

test("no more than a thousand are remembered, the oldest going first", () => {
  const ledger = new VerdictLedger();
  for (let i = 0; i < 1_005; i++) ledger.record(death(`b.${i}`), "coordinator");
  const kept = new Set(ledger.merged([]).map(({ incarnation }) => incarnation));
  expect(kept.size).toBe(1_000);
  expect([kept.has("b.4"), kept.has("b.5"), kept.has("b.1004")]).toEqual([false, true, true]);
});
