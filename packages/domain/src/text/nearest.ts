/** "Did you mean …?": the known names nearest to a misspelt one. */

const MOST_SUGGESTIONS = 3;
/** With more than a third of the letters wrong it is another word rather than a slip. */
const LETTERS_PER_SLIP = 3;
const MOST_SLIPS = 4;
/** Names a suggestion is looked for in: more are generated rather than written, and a report makes 100 suggestions. */
const MOST_SEARCHED = 2_000;

/**
 * The known names within reach of `name`, nearest first and in the given order at equal distance; at most `limit`
 * (default 3). Distance is Damerau-Levenshtein (a swap of neighbours is one slip), blind to case; reach is one slip
 * for every three letters, between 1 and 4.
 */
export function nearest(name: string, known: Iterable<string>, limit = MOST_SUGGESTIONS): string[] {
  const wanted = name.toLowerCase();
  const found: { candidate: string; distance: number }[] = [];
  let reach = Math.min(MOST_SLIPS, Math.max(1, Math.floor(wanted.length / LETTERS_PER_SLIP)));
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), reach);
    if (distance > reach) continue;
    const place = found.findIndex((other) => other.distance > distance);
    found.splice(place < 0 ? found.length : place, 0, { candidate, distance });
    if (found.length > limit) found.pop();
    // A full list is only ever changed by something strictly nearer than its last.
    if (found.length === limit) reach = found[limit - 1]!.distance - 1;
    if (reach < 0) break;
  }
  return found.map((each) => each.candidate);
}

/**
 * The end of a message about an unknown name: `Did you mean "backend"?` if something is near, else what is known
 * (`Known agent types: "architects", "backend" and 3 more.`).
 */
export function suggestion(name: string, kind: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearest(name, all.slice(0, MOST_SEARCHED));
  if (near.length > 0) return `Did you mean ${near.map(quote).join(" or ")}?`;
  if (all.length === 0) return `There are no ${kind}.`;
  const shown = all.slice(0, MOST_SUGGESTIONS).map(quote).join(", ");
  const rest = all.length - MOST_SUGGESTIONS;
  return `Known ${kind}: ${shown}${rest > 0 ? ` and ${rest} more` : ""}.`;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
 * neighbours. Anything above `cutOff` is answered with `cutOff + 1`, without computing how much above.
 */
export function editDistance(left: string, right: string, cutOff: number): number {
  const tooFar = cutOff + 1;
  if (Math.abs(left.length - right.length) > cutOff) return tooFar;
  const [a, b] = withoutCommonEnds(left, right);
  const width = b.length + 1;
  // Three rows of the usual table, taken in turn. Cells further than the cut-off from the diagonal are out of reach
  // anyway and are not computed; those at the rim are read as too far.
  let beforeLast = new Array<number>(width).fill(tooFar);
  let last = Array.from({ length: width }, (_, column) => Math.min(column, tooFar));
  let current = new Array<number>(width).fill(tooFar);
  for (let row = 1; row <= a.length; row++) {
    const from = Math.max(1, row - cutOff);
    const to = Math.min(b.length, row + cutOff);
    current[from - 1] = from === 1 ? Math.min(row, tooFar) : tooFar;
    let smallest = current[from - 1]!;
    for (let column = from; column <= to; column++) {
      const change = a.charCodeAt(row - 1) === b.charCodeAt(column - 1) ? 0 : 1;
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + change);
      if (isSwap(a, row, b, column)) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current[column] = Math.min(cost, tooFar);
      smallest = Math.min(smallest, cost);
    }
    if (to < b.length) current[to + 1] = tooFar;
    // The smallest cell grows by one a row at most, so the row above holds nothing below the cut-off: what follows,
    // even by a swap from there (one slip more), is out of reach too.
    if (smallest > cutOff) return tooFar;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[b.length]!;
}

function isSwap(a: string, row: number, b: string, column: number): boolean {
  if (row < 2 || column < 2) return false;
  return a.charCodeAt(row - 1) === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === b.charCodeAt(column - 1);
}

function withoutCommonEnds(left: string, right: string): [string, string] {
  let start = 0;
  while (start < left.length && left.charCodeAt(start) === right.charCodeAt(start)) start++;
  let leftEnd = left.length;
  let rightEnd = right.length;
  while (leftEnd > start && rightEnd > start && left.charCodeAt(leftEnd - 1) === right.charCodeAt(rightEnd - 1)) {
    leftEnd--;
    rightEnd--;
  }
  return [left.slice(start, leftEnd), right.slice(start, rightEnd)];
}

const quote = (name: string): string => `"${name}"`;
