const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** The latest values as a line of bars, the highest of them full; nothing is a space. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(1, ...shown);
  return shown.map((value) => (value <= 0 ? " " : BARS[Math.ceil((value / most) * BARS.length) - 1]!)).join("");
}
