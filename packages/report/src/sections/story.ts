import type { Facts } from "../facts/facts.js";
import { tellStory } from "../facts/story.js";
import { duration } from "../html/format.js";
import { html, type Markup } from "../html/html.js";
import { table } from "../html/table.js";
import type { Phase } from "../report-input.js";
import { judgement, type Section } from "./parts.js";

/** What happened, in a paragraph, and the phases in which it did. */
export function storySection(facts: Facts): Section {
  return {
    id: "story",
    title: "What happened",
    content: html`<p class="story">${tellStory(facts).join(" ")}</p>
      ${facts.input.phases.length > 0 && phasesTable(facts.input.phases)}`,
  };
}

function phasesTable(phases: readonly Phase[]): Markup {
  const numbered = phases.map((phase, index) => ({ number: index + 1, ...phase }));
  return table(
    numbered,
    [
      { title: "Phase", cell: ({ number, name }) => `${number}. ${name}`, isHeading: true },
      { title: "State", cell: ({ state }) => judgement(state === "done", state) },
      { title: "Took", cell: ({ seconds }) => duration(seconds * 1000), numeric: true },
      { title: "Its last word", cell: ({ detail }) => detail },
    ],
    { caption: "Phases of the demonstration" },
  );
}
