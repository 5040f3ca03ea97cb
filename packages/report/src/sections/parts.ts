// What sections are made of.
import type { ChartData } from "../charts/chart-data.js";
import { colourOf, type Facts } from "../facts/facts.js";
import { html, name, type Content, type Markup } from "../html/html.js";

/** A section of the page: what its heading and the list of contents call it, and what stands in it. */
export interface Section {
  id: string;
  title: string;
  content: Content;
}

/** A place for a chart, with the sentence that says what one sees. The browser draws it, as high as its data need. */
export function chart(drawn: keyof ChartData, label: string, says: Content): Markup {
  return html`<figure>
    <div class="chart" data-chart="${drawn}" role="img" aria-label="${label}"></div>
    <figcaption>${says}</figcaption>
  </figure>`;
}

/** A name that leads to its row elsewhere on the page; plain if it has none. */
export function link(anchor: string | undefined, text: string): Markup {
  return anchor === undefined ? name(text) : html`<a href="#${anchor}" data-related="${anchor}">${name(text)}</a>`;
}

/** Attributes of a row that others lead to, and that is shown together with its like. */
export function anchored(anchor: string | undefined, related = anchor): Markup | undefined {
  if (anchor === undefined && related === undefined) return undefined;
  return html`${anchor !== undefined && html`id="${anchor}"`}
  ${related !== undefined && html`data-related="${related}"`}`;
}

/** An agent type with the colour that it has all over the page. */
export function agentType(facts: Facts, type: string): Markup {
  return html`<span class="whole"
    ><span class="swatch agent-${colourOf(facts, type)}" aria-hidden="true"></span>${name(type)}</span
  >`;
}

/** All agent types with their colours. */
export function legend(facts: Facts): Markup {
  return html`<ul class="legend" aria-label="Agent types">
    ${facts.agentTypes.map((type) => html`<li>${agentType(facts, type)}</li>`)}
  </ul>`;
}

/** A word of judgement with its sign, told by word, shape and colour alike. */
export function judgement(isGood: boolean, word: string): Markup {
  return html`<span class="${isGood ? "good" : "bad"}"
    ><span aria-hidden="true">${isGood ? "✓" : "✗"}</span> ${word}</span
  >`;
}

/** Says that not all is shown; nothing if it is. */
export function excerpt(shown: number, of: number, what: string, how: string): Markup | false {
  return (
    shown < of &&
    html`<p class="note">Shown are ${shown.toLocaleString("en")} of ${of.toLocaleString("en")} ${what}: ${how}.</p>`
  );
}
