// The page around the sections: head, title bar, list of contents, data and script. Everything is in the page itself, and
// its policy lets the browser run and load nothing else.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ChartData } from "./charts/chart-data.js";
import { moment } from "./html/format.js";
import { dataBlock, html, Markup, name } from "./html/html.js";
import type { ReportInput } from "./report-input.js";
import type { Section } from "./sections/parts.js";

interface PageHead extends Pick<ReportInput, "title" | "generatedAt" | "verdict"> {
  workflowName: string | undefined;
}

/** A page as text, with the data of its charts. */
export function pageOf(head: PageHead, sections: readonly Section[], charts: ChartData): string {
  const { style, script, policy } = assets();
  return html`<!doctype html>
    <html lang="en" data-theme="system">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${head.title}: ${head.verdict}</title>
        ${style}
      </head>
      <body>
        <a class="skip" href="#verdict">Skip to the verdict</a>
        ${titleBar(head)}
        <div class="frame">
          ${contents(sections)}
          <main>
            <noscript
              ><p class="note">Charts are drawn by a script; all that they show stands in the tables too.</p></noscript
            >
            ${sections.map(sectionElement)}
          </main>
        </div>
        ${Object.entries(charts).map(([chart, data]) => dataBlock(`data-${chart}`, data))} ${script}
      </body>
    </html> `.text;
}

function titleBar({ title, generatedAt, verdict, workflowName }: PageHead): Markup {
  return html`<header class="bar">
    <p class="product">Agent Hive</p>
    <h1>${name(title)}</h1>
    <p class="when">
      ${workflowName !== undefined && html`Workflow ${name(workflowName)} · `}<time datetime="${generatedAt}"
        >${moment(generatedAt)}</time
      >
    </p>
    <p class="seal ${verdict === "passed" ? "good" : "bad"}">${verdict === "passed" ? "Passed" : "Failed"}</p>
    <fieldset class="theme" hidden>
      <legend class="unseen">Theme</legend>
      ${["system", "light", "dark"].map(themeChoice)}
    </fieldset>
  </header>`;
}

function themeChoice(theme: string): Markup {
  return html`<label><input type="radio" name="theme" value="${theme}" /><span>${theme}</span></label>`;
}

function contents(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Contents">
    <ol>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
    </ol>
  </nav>`;
}

function sectionElement({ id, title, content }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

/** Style sheets, in the order in which later rules win. */
const STYLES = ["colours", "page", "tables", "charts", "narrow-and-print"];

interface Assets {
  style: Markup;
  script: Markup;
  /** Content security policy: this style, this script, and nothing from anywhere. */
  policy: string;
}

let loaded: Assets | undefined;

/** Read once, at the first report. @throws Error if the package is not built. */
function assets(): Assets {
  loaded ??= loadAssets();
  return loaded;
}

function loadAssets(): Assets {
  const style = STYLES.map((sheet) => read(`./styles/${sheet}.css`)).join("");
  const script = read("./page/page.bundle.mjs");
  const policy = [
    "default-src 'none'",
    `script-src ${digest(script)}`,
    `style-src ${digest(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return { style: element("style", style), script: element("script", script), policy };
}

function read(file: string): string {
  try {
    return readFileSync(new URL(file, import.meta.url), "utf8");
  } catch (error) {
    throw new Error(`The report lacks its part "${file}". Build the package: npm run build.`, { cause: error });
  }
}

/** An element with exactly this text: the policy names its digest, so not a blank may be added. */
function element(tag: "style" | "script", text: string): Markup {
  return new Markup(`<${tag}>${text}</${tag}>`);
}

function digest(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
