import { demonstration } from "../test-fixtures/demonstration.js";
import { factsOf } from "./facts.js";
import { DRAWN_AGENTS, DRAWN_ATTEMPTS, timelineOf } from "./timeline.js";

const timeline = (options?: Parameters<typeof demonstration>[0]) => timelineOf(factsOf(demonstration(options)));

test("every attempt that ran is a bar on the line of its agent, over all its incarnations", () => {
  const { data, attempts, agents } = timeline();
  expect(attempts).toEqual({ drawn: 16, of: 16 });
  expect(agents).toEqual({ drawn: 8, of: 8 });
  expect(data.rows.map(({ name }) => name)).toEqual(
    ["architect", "backend", "frontend", "qa"].flatMap((type) => [`${type}-1`, `${type}-2`]),
  );
  expect(data.bars.filter(({ fate }) => fate === "lost")).toHaveLength(5);
  expect(data.view).toBeNull();
});

test("the bar of a lost delivery ends when its process was struck, where the sign of that stands", () => {
  const { data } = timeline();
  for (const lost of data.bars.filter(({ fate }) => fate === "lost"))
    expect(data.marks).toContainEqual(
      expect.objectContaining({ row: lost.row, atMs: lost.toMs, kind: expect.stringMatching(/crash|freeze/) }),
    );
});

test("a process that was frozen and killed later broke its attempts off each at their own time", () => {
  const input = demonstration({ faults: [{ taskId: "api_development", kind: "freeze" }] });
  const [freeze] = input.measurement.acts;
  input.measurement.acts.push({ ...freeze!, kind: "crash", atMs: freeze!.atMs + 60_000, held: [] });
  const { data } = timelineOf(factsOf(input));
  const lost = data.bars.find(({ fate }) => fate === "lost")!;
  expect(lost.toMs).toBe(data.marks.find(({ kind }) => kind === "freeze")!.atMs);
});

test("each claim stands on the line of who took over, just before its bar; the refusal on that of who came late", () => {
  const { data } = timeline();
  const kinds = Object.groupBy(data.marks, ({ kind }) => kind);
  expect(Object.entries(kinds).map(([kind, marks]) => [kind, marks.length])).toEqual([
    ["crash", 4],
    ["freeze", 1],
    ["claim", 5],
    ["fenced", 1],
  ]);
  for (const claim of kinds.claim!)
    expect(
      data.bars.some(({ row, task, fromMs }) => row === claim.row && task === claim.task && fromMs >= claim.atMs),
    ).toBe(true);
  expect(kinds.fenced![0]!.row).toBe(kinds.freeze![0]!.row);
});

test("of too many attempts all that were struck and all of the demonstrated workflow are drawn, and the view is on it", () => {
  const { data, attempts } = timeline({ beside: 400 });
  expect(attempts.drawn).toBe(DRAWN_ATTEMPTS);
  expect(attempts.of).toBeGreaterThan(DRAWN_ATTEMPTS);
  expect(data.bars.filter(({ fate }) => fate === "lost")).toHaveLength(15);
  expect(data.bars.filter(({ task }) => task !== undefined)).toHaveLength(16);
  expect(data.view).toMatchObject({ fromMs: 0 });
});

test("of too many acts those of the demonstrated workflow keep their signs", () => {
  const input = demonstration({ beside: 40 });
  const { acts } = input.measurement;
  const other = acts.at(-1)!;
  input.measurement.acts = [
    ...acts,
    ...Array.from({ length: 2000 }, (_, index) => ({ ...other, atMs: other.atMs + index })),
  ];
  const { data } = timelineOf(factsOf(input));
  const own = data.marks.filter(({ kind, lines }) => kind === "crash" && !lines.includes("it held auth_ui"));
  expect(own).toHaveLength(4);
  expect(data.marks.length).toBeLessThan(300);
});

test("of too many agents those who were struck and those who took over are drawn", () => {
  const input = demonstration({ beside: 100, agentsPerType: 30 });
  const { data, agents } = timelineOf(factsOf(input));
  expect(agents.of).toBeGreaterThan(DRAWN_AGENTS);
  expect(data.rows).toHaveLength(DRAWN_AGENTS);
  const drawn = new Set(data.rows.map(({ name }) => name));
  for (const { agentId, recoveredBy } of input.measurement.recoveries)
    expect([agentId, recoveredBy].filter((agent) => !drawn.has(agent!))).toEqual([]);
});

test("a lost delivery whose process nobody knows by name stands on a line named by its incarnation", () => {
  const input = demonstration({ faults: [] });
  const { attempts } = input.measurement;
  attempts.push({ ...attempts[0]!, outcome: "crashed", agentId: null, incarnation: "stranger", finishedAtMs: null });
  expect(timelineOf(factsOf(input)).data.rows.map(({ name }) => name)).toContain("stranger");
});
