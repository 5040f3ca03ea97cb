import type { Theme } from "../charts/chart.js";

/** The colours of the style sheet as they are at this moment: there, and only there, they are chosen. */
export function readTheme(): Theme {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme: Theme = {
    ink: colour("ink"),
    muted: colour("muted"),
    rule: colour("rule"),
    paper: colour("paper"),
    onColour: colour("on-colour"),
    neutral: colour("neutral"),
    bad: colour("bad"),
    agents: Array.from({ length: 8 }, (_, index) => colour(`agent-${index}`)),
    parts: Array.from({ length: 4 }, (_, index) => colour(`part-${index}`)),
    signs: {
      crash: colour("crash"),
      freeze: colour("freeze"),
      isolate: colour("isolate"),
      claim: colour("claim"),
      fenced: colour("fenced"),
    },
    fontFamily: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return theme;
}
