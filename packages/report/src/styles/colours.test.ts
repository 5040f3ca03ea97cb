import { readFileSync } from "node:fs";

const css = readFileSync(new URL("./colours.css", import.meta.url), "utf8");
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name!,
    [light!, dark!] as const,
  ]),
);

/** Relative luminance of WCAG 2. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter! + 0.05) / (darker! + 0.05);
}

const TEXT = 4.5;
const SHAPE = 3;
const agents = Array.from({ length: 8 }, (_, index) => `agent-${index}`);

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("in the %s theme", (_, theme) => {
  const colour = (name: string): string => colours.get(name)![theme];

  test.each(
    ["ink", "muted", "link", "good", "bad"].flatMap((name) => [
      [name, "paper"],
      [name, "tint"],
    ]),
  )("%s can be read on %s", (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(TEXT);
  });

  test.each(agents)("a name can be read on the colour %s", (agent) => {
    expect(contrast(colour("on-colour"), colour(agent))).toBeGreaterThanOrEqual(TEXT);
  });

  test.each([...agents, "crash", "freeze", "isolate", "claim", "fenced", "neutral", "part-0", "part-1", "part-2"])(
    "shapes of %s stand out from the page",
    (shape) => {
      expect(contrast(colour(shape), colour("paper"))).toBeGreaterThanOrEqual(SHAPE);
    },
  );
});
