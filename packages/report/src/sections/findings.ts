import type { Invariant, TargetVerdict } from "@agent-hive/measurement";
import type { Facts } from "../facts/facts.js";
import { number, quantity } from "../html/format.js";
import { html, name, type Content } from "../html/html.js";
import { table } from "../html/table.js";
import { judgement, type Section } from "./parts.js";

/** Each target, what was measured, and how. */
export function targetsSection({ measurement: { targets } }: Facts): Section {
  return {
    id: "targets",
    title: "Targets",
    content: html`<p>A floor must be held; an aim is what the product strives for.</p>
      ${table(
        targets,
        [
          { title: "What", cell: (target) => target.name, isHeading: true },
          { title: "Measured", cell: ({ measured, unit }) => quantity(measured, unit), numeric: true },
          { title: "Floor", cell: (target) => bound(target, target.floor), numeric: true },
          { title: "Aim", cell: (target) => bound(target, target.aim), numeric: true },
          { title: "Verdict", cell: ({ verdict }) => targetVerdict(verdict) },
          { title: "How it was measured", cell: ({ how }) => how },
        ],
        { caption: "Targets, and what was measured" },
      )}`,
  };
}

function bound({ better, unit }: TargetVerdict, value: number | null): string {
  return value === null ? "–" : `${better === "lower" ? "≤" : "≥"} ${quantity(value, unit)}`;
}

function targetVerdict(verdict: TargetVerdict["verdict"]): Content {
  return verdict === "not measured"
    ? html`<span class="muted">${verdict}</span>`
    : judgement(verdict !== "missed", verdict);
}

/** The rules that must hold whatever happens, each with how many facts were looked at. */
export function invariantsSection({ measurement: { invariants } }: Facts): Section {
  return {
    id: "invariants",
    title: "Invariants",
    content: html`<p>
        What must be true whatever crashes, checked against the records. A rule for which no fact was found does not
        count as kept.
      </p>
      ${table(
        invariants,
        [
          { title: "Rule", cell: (each) => html`<strong>${each.id}</strong> ${each.name}`, isHeading: true },
          {
            title: "Holds",
            cell: ({ holds, checked }) => judgement(holds, holds ? "holds" : checked === 0 ? "no facts" : "broken"),
          },
          { title: "Facts looked at", cell: ({ checked }) => number(checked), numeric: true },
          { title: "Violations", cell: violations },
        ],
        { caption: "Invariants, and whether they held" },
      )}`,
  };
}

function violations({ violations: found }: Invariant): Content {
  if (found.length === 0) return "none";
  return html`<ul>
    ${found.map((violation) => html`<li>${violation}</li>`)}
  </ul>`;
}

/** What it ran on. */
export function environmentSection({ input: { environment } }: Facts): Section {
  return {
    id: "environment",
    title: "What it ran on",
    content: html`<dl class="facts">
      ${Object.entries(environment).map(
        ([key, value]) =>
          html`<dt>${name(key)}</dt>
            <dd>${name(value)}</dd>`,
      )}
    </dl>`,
  };
}
