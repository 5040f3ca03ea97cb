import type { Facts } from "../facts/facts.js";
import { count } from "../html/format.js";
import { html, type Markup } from "../html/html.js";
import type { Criterion, ReportInput } from "../report-input.js";
import { judgement, type Section } from "./parts.js";

/** Whether the demonstration passed, and each criterion with what was found. */
export function verdictSection({ input }: Facts): Section {
  return {
    id: "verdict",
    title: "Verdict",
    content: html`<p class="verdict ${input.verdict === "passed" ? "good" : "bad"}">${verdictSentence(input)}</p>
      <ol class="criteria">
        ${input.criteria.map(criterionLine)}
      </ol>`,
  };
}

/** The verdict in one sentence. */
function verdictSentence({ verdict, criteria }: Pick<ReportInput, "verdict" | "criteria">): string {
  const unmet = criteria.filter(({ met }) => !met).length;
  const word = verdict === "passed" ? "Passed" : "Failed";
  if (criteria.length === 0) return `${word}. No criterion was judged.`;
  if (unmet === 0) return `${word}: all ${count(criteria.length, "criterion", "criteria")} are met.`;
  return `${word}: of ${count(criteria.length, "criterion", "criteria")}, ${unmet} ${unmet === 1 ? "is" : "are"} not met.`;
}

function criterionLine({ name, met, found }: Criterion): Markup {
  return html`<li>
    <span class="criterion">${name}</span>
    <span class="found">${found}</span>
    ${judgement(met, met ? "met" : "not met")}
  </li>`;
}
