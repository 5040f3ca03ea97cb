import { html, type Content, type Markup } from "./html.js";

/** One column of a table: its heading, and what stands in it for a row. */
export interface Column<T> {
  title: string;
  cell: (row: T) => Content;
  /** Numbers stand right, so that their digits line up. */
  numeric?: boolean;
  /** Names the row to who hears the table read; one a table. */
  isHeading?: boolean;
}

interface TableOptions<T> {
  /** What the table holds; heard before it is read, and not shown. */
  caption: string;
  /** Attributes of a row, such as its anchor. */
  row?: (row: T) => Markup;
}

/** A table in a frame that scrolls on narrow screens, by keyboard too. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], options: TableOptions<T>): Markup {
  const headings = columns.map((column) => html`<th scope="col" ${numericClass(column)}>${column.title}</th>`);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${options.caption}">
    <table>
      <caption class="unseen">
        ${options.caption}
      </caption>
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr ${options.row?.(row)}>
              ${columns.map((column) => cellOf(column, row))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellOf<T>(column: Column<T>, row: T): Markup {
  return column.isHeading
    ? html`<th scope="row">${column.cell(row)}</th>`
    : html`<td ${numericClass(column)}>${column.cell(row)}</td>`;
}

function numericClass<T>({ numeric }: Column<T>): Markup | undefined {
  return numeric ? html`class="number"` : undefined;
}

/** Data behind a chart, folded away until somebody asks for them. */
export function fold(summary: string, content: Content): Markup {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}
