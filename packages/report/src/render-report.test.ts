import { createHash } from "node:crypto";
import { renderReport } from "./render-report.js";
import { demonstration, loaded } from "./test-fixtures/demonstration.js";

const page = renderReport(demonstration());

const SECTIONS = [
  "verdict",
  "story",
  "graph",
  "timeline",
  "recoveries",
  "throughput",
  "consumers",
  "memory",
  "targets",
  "invariants",
  "environment",
];

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);

/** The page without its script and styles, whose text is not markup. */
const markupOf = (text: string): string =>
  text.replaceAll(/<script>[\s\S]*?<\/script>/g, "").replaceAll(/<style>[\s\S]*?<\/style>/g, "");

test("every section is there, in the order in which one asks, and in the contents", () => {
  expect(all(page, /<section id="([^"]*)"/g)).toEqual(SECTIONS);
  const contents = page.slice(page.indexOf("<nav"), page.indexOf("</nav>"));
  expect(all(contents, /href="#([^"]*)"/g)).toEqual(SECTIONS);
});

test("the verdict and all criteria come first, each with what was found", () => {
  const verdict = page.slice(page.indexOf('<section id="verdict"'), page.indexOf('<section id="story"'));
  expect(verdict).toContain("Passed: all 8 criteria are met.");
  for (const { name, found } of demonstration().criteria) {
    expect(verdict).toContain(name);
    expect(verdict).toContain(found);
  }
});

test("a criterion that is not met is named as such, and the page says that the demonstration failed", () => {
  const input = demonstration();
  input.verdict = "failed";
  input.criteria[4]!.met = false;
  const failed = renderReport(input);
  expect(failed).toContain("Failed: of 8 criteria, 1 is not met.");
  expect(all(failed, />(not met)</g)).toHaveLength(0);
  expect(failed).toMatch(/✗<\/span>\s*not met/);
});

test("each anchor is there once, and each link leads to one", () => {
  const markup = markupOf(page);
  const ids = all(markup, /\sid="([^"]*)"/g);
  expect(new Set(ids).size).toBe(ids.length);
  const links = all(markup, /href="#([^"]*)"/g);
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((link) => !ids.includes(link))).toEqual([]);
});

test("a crash, its task and its attempts lead to each other", () => {
  const row = /<tr[^>]*id="act-1"[\s\S]*?<\/tr>/.exec(page)![0];
  const [task, ...attempts] = all(row, /href="#([^"]*)"/g);
  expect(task).toMatch(/^task-\d+$/);
  expect(attempts.length).toBeGreaterThanOrEqual(2);
  for (const attempt of attempts)
    expect(new RegExp(`<tr[^>]*id="${attempt}"[\\s\\S]*?</tr>`).exec(page)![0]).toContain(`href="#${task}"`);
});

test("nothing comes from anywhere else, and the policy allows the page's own script and style alone", () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
  const digest = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const [script] = all(page, /<script>([\s\S]*?)<\/script>/g);
  const [style] = all(page, /<style>([\s\S]*?)<\/style>/g);
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `script-src ${digest(script!)}`,
    `style-src ${digest(style!)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(markupOf(page)).not.toMatch(/\s(src|srcset|style|on\w+)=/);
  expect(all(markupOf(page), /\shref="([^"#][^"]*)"/g)).toEqual([]);
  expect(style).not.toContain("url(");
});

test("the one link to elsewhere is to the trace, if there is one", () => {
  const traceUrl = "http://127.0.0.1:16686/trace/4bf92f3577b34da6a3ce929d0e0e4736";
  const linked = renderReport({ ...demonstration(), traceUrl });
  expect(all(markupOf(linked), /\shref="([^"#][^"]*)"/g)).toEqual([traceUrl]);
  expect(() => renderReport({ ...demonstration(), traceUrl: "javascript:alert(1)" })).toThrow(/traceUrl/);
});

test("hostile names of workflow, tasks and agents stay text wherever they stand", () => {
  const evil = `</script><script>alert("1")</script><img src=x onerror=alert(1)>'"&`;
  const input = demonstration({ workflowName: evil, renamed: { system_design: evil, auth_system: `${evil}2` } });
  input.title = evil;
  input.environment[evil] = evil;
  input.phases[0]!.detail = evil;
  for (const attempt of input.measurement.attempts) attempt.agentId &&= `${evil}${attempt.agentId}`;
  input.measurement.invariants[0]!.violations = [evil];
  const hostile = renderReport(input);
  const tags = (text: string): Set<string> => new Set(all(markupOf(text), /<([a-z!][\w-]*)/gi));
  expect(tags(hostile)).toEqual(tags(page));
  expect(all(hostile, /(<script[\s>])/g)).toHaveLength(all(page, /(<script[\s>])/g).length);
  expect(markupOf(hostile)).not.toContain("<img");
});

test("a page of 100,000 attempts is hardly larger than one of few, and says what it leaves out", () => {
  const input = demonstration({ beside: 100, agentsPerType: 4 });
  const { attempts } = input.measurement;
  const times = Math.ceil(100_000 / attempts.length);
  input.measurement.attempts = Array.from({ length: times }, (_, round) =>
    attempts.map((attempt) => (round === 0 ? attempt : { ...attempt, workflowId: uuidOf(round) })),
  ).flat();
  const large = renderReport(input);
  expect(large.length - page.length).toBeLessThan(1_500_000);
  expect(large).toMatch(/Shown are 2,000 of 1\d\d,\d{3} attempts: whoever was struck/);
});

test("a run in which nothing was measured still makes a page", () => {
  const input = demonstration();
  Object.assign(input.measurement, { workflows: [], tasks: [], attempts: [], acts: [], recoveries: [], groups: [] });
  Object.assign(input.measurement, { processes: [], invariants: [], targets: [] });
  input.measurement.throughput.series = [];
  expect(all(renderReport({ ...input, criteria: [], phases: [], environment: {} }), /<section id="([^"]*)"/g)).toEqual(
    SECTIONS,
  );
});

test("an input that is none is refused", () => {
  expect(() => renderReport({ ...demonstration(), workflowId: "seven" })).toThrow(/workflowId/);
});

function uuidOf(number: number): string {
  return `019ac0de-0000-7000-9000-${String(number).padStart(12, "0")}`;
}

test("a hive under load has a section of its own, with every step and every crowd", () => {
  const underLoad = renderReport({ ...demonstration(), underLoad: loaded() });
  const section = underLoad.slice(
    underLoad.indexOf('<section id="under-load"'),
    underLoad.indexOf('<section id="targets"'),
  );
  for (const text of ["12,500", "10,800 messages/s for 60 s", "1.6 s", "no task was lost"])
    expect(section).toContain(text);
  expect(all(section, /data-chart="([^"]*)"/g)).toEqual(["steps", "sustained"]);
});
