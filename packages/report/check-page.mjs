// Looks at the report in a real Chromium: at 390 and 1,440 px, light and dark, no rule of axe is broken, nothing is
// refused by the page's policy, nothing is wider than the screen; then links, keyboard, print and a page of 100,000
// attempts. Not part of the tests, since it needs a browser: `CHROMIUM=/path/to/chromium` or one in its usual place.
//
//   node packages/report/check-page.mjs [--shots FOLDER] [--only 390-light,1440-dark,hostile,links,print,large]
//
// Ends with 0 if all is well, 1 if not, and 2 if there is no browser.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import axe from "axe-core";
import { chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];
const SIZES = { 390: 844, 1440: 900 };
const THEMES = ["light", "dark"];
/** A page of very many attempts may take this many times as long to open as one of few: whatever else the machine does. */
const LARGE_TAKES = 5;

const { values: options } = parseArgs({ options: { shots: { type: "string" }, only: { type: "string" } } });
const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
if (!executablePath) {
  console.error("No Chromium was found, so the page was not looked at. Install one, or name it: CHROMIUM=/path.");
  process.exit(2);
}

const built = (file) => import(new URL(`dist/${file}`, import.meta.url).href);
const { renderReport } = await built("index.js");
const { demonstration, loaded } = await built("test-fixtures/demonstration.js");
const folder = mkdtempSync(join(tmpdir(), "report-"));
if (options.shots) mkdirSync(options.shots, { recursive: true });
const problems = [];
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
try {
  const address = store("report.html", { ...demonstration(), underLoad: loaded() });
  for (const [name, check] of Object.entries(checksOf(address))) if (isChosen(name)) await check();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "The page is well." : `${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function checksOf(address) {
  const looks = Object.entries(SIZES).flatMap(([width, height]) =>
    THEMES.map((theme) => {
      const name = `${width}-${theme}`;
      return [name, () => look(name, address, { width: Number(width), height, theme })];
    }),
  );
  return {
    ...Object.fromEntries(looks),
    hostile: lookAtHostile,
    links: () => followLinks(address),
    print: () => print(address),
    large: () => openLarge(address),
  };
}

function isChosen(name) {
  return options.only === undefined || options.only.split(",").includes(name);
}

function store(file, input) {
  const path = join(folder, file);
  writeFileSync(path, renderReport(input));
  return pathToFileURL(path).href;
}

/** Opens the page and notes what the browser complains of; a refusal by the policy is a complaint too. */
async function open(name, address, { width = 1440, height = 900, theme = "light" } = {}) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`${name}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${name}: ${error.stack}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) problems.push(`${name}: asks for ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

async function look(name, address, size) {
  const page = await open(name, address, size);
  const charts = await page.locator(".chart svg").count();
  if (charts !== 8) problems.push(`${name}: ${charts} of 8 charts are drawn`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (overflow > 0) problems.push(`${name}: the page is ${overflow} px wider than the screen`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const { id, help, nodes } of violations)
    problems.push(
      `${name}: ${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html.slice(0, 160))
        .join(" | ")}`,
    );
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = false)));
  if (options.shots) await page.screenshot({ path: join(options.shots, `${name}.png`), fullPage: true });
  console.log(`${name}: ${violations.length} violations`);
  await page.close();
}

/** A failed run with names that would run scripts, or burst the page, if they were not text; a tooltip shows one. */
async function lookAtHostile() {
  const evil = `</script><img src=x onerror="document.title='run'">${"x".repeat(90)}`;
  const input = demonstration({ workflowName: evil, renamed: { system_design: evil, ui_tests: "\u202egnp.exe" } });
  input.verdict = "failed";
  Object.assign(input.criteria[4], { met: false, found: evil });
  Object.assign(input.phases[6], { state: "failed", detail: evil });
  Object.assign(input.measurement.invariants[1], { holds: false, violations: [evil, evil] });
  const address = store("hostile.html", input);
  await look("hostile", address, { width: 390, height: 844, theme: "light" });
  const page = await open("hostile", address);
  await page.locator("[data-chart=timeline] svg path").nth(20).hover({ force: true });
  await page.locator("[data-chart=timeline]").hover({ position: { x: 260, y: 20 } });
  if ((await page.title()) === "run") problems.push("hostile: a name was run as a script");
  if (options.shots) await page.screenshot({ path: join(options.shots, "hostile-wide.png"), fullPage: true });
  await page.close();
}

/** From a crash to its attempt, which is folded away, and by keyboard through the theme switch. */
async function followLinks(address) {
  const page = await open("links", address);
  await page.locator("#act-1 a[href^='#attempt']").first().click();
  if (!(await page.locator("tr:target").isVisible())) problems.push("links: the attempt of a crash is not shown");
  await page.locator("tr:target a").first().focus();
  if ((await page.locator("tr.related").count()) < 3) problems.push("links: what belongs to a task does not stand out");
  const bar = page.locator("[data-chart=timeline] svg");
  if (!(await bar.isVisible())) problems.push("links: there is no timeline");
  await page.locator("fieldset.theme input[value=dark]").focus();
  await page.keyboard.press("Space");
  if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== "dark")
    problems.push("links: the theme cannot be chosen by keyboard");
  if (options.shots) {
    await page.locator("fieldset.theme input[value=light]").check({ force: true });
    await page.locator("#act-1 a").first().hover();
    await page.locator("#timeline").screenshot({ path: join(options.shots, "related.png") });
  }
  await page.close();
}

async function print(address) {
  const page = await open("print", address, { theme: "dark" });
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  if (options.shots) {
    writeFileSync(join(options.shots, "print.pdf"), pdf);
    await page.setViewportSize({ width: 690, height: 1000 });
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.screenshot({ path: join(options.shots, "print.png"), fullPage: true });
  }
  await page.close();
}

async function openLarge(smallAddress) {
  const small = await timeToOpen("small", smallAddress);
  const input = demonstration({ beside: 9000, agentsPerType: 12 });
  const large = await timeToOpen("large", store("large.html", input));
  console.log(`${input.measurement.attempts.length} attempts: open within ${large} ms; few: ${small} ms`);
  if (large > LARGE_TAKES * small) problems.push(`large: the page took ${large} ms to open, one of few ${small} ms`);
}

async function timeToOpen(name, address) {
  const begin = performance.now();
  const page = await open(name, address);
  const took = Math.round(performance.now() - begin);
  if (options.shots) await page.screenshot({ path: join(options.shots, `${name}.png`), fullPage: true });
  await page.close();
  return took;
}
