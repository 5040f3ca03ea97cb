// Markup that escapes whatever is put into it. Names of workflows, tasks and agents are chosen by strangers, so text
// becomes markup here and nowhere else.

/** Text that is markup already and goes into the page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** The text as it may stand between tags and within quoted attributes. Halves of surrogate pairs become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Template tag for markup: escapes every value but markup itself, joins lists, and leaves out null, undefined and false. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(textOf)));
}

function textOf(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value === null || value === undefined || value === false ? "" : value.map(textOf).join("");
}

/** A name that somebody chose: kept apart from its surroundings, so that none written right to left reorders them. */
export function name(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** Data for a script of the page, as JSON that cannot end its element. */
export function dataBlock(id: string, data: unknown): Markup {
  const json = JSON.stringify(data).replaceAll("<", String.raw`\u003c`);
  return html`<script type="application/json" id="${id}">
    ${new Markup(json)}
  </script>`;
}
