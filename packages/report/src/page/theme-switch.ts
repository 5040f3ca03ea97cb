const STORED = "agent-hive-report-theme";
const THEMES = ["system", "light", "dark"] as const;
type ThemeName = (typeof THEMES)[number];

/** Width of what can be printed on A4 within the margins of the style sheet, in CSS pixels; no browser tells it before. */
const PRINTED_WIDTH = 680;

/**
 * Lets the reader choose the theme, follows the system until then, and prints in the light one.
 *
 * @param redraw called when the theme has changed; the width is that of paper, or undefined for the screen's.
 */
export function offerThemes(redraw: (width?: number) => void): void {
  const root = document.documentElement;
  const apply = (theme: string, width?: number): void => {
    root.dataset["theme"] = theme;
    redraw(width);
  };
  let chosen: string = storedTheme();
  root.dataset["theme"] = chosen;
  const choice = document.querySelector<HTMLFieldSetElement>("fieldset.theme");
  if (choice) {
    choice.hidden = false;
    for (const input of choice.querySelectorAll("input")) input.checked = input.value === chosen;
    choice.addEventListener("change", (event) => {
      chosen = (event.target as HTMLInputElement).value;
      store(chosen);
      apply(chosen);
    });
  }
  if (chosen !== "system") redraw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
  addEventListener("beforeprint", () => apply("light", PRINTED_WIDTH));
  addEventListener("afterprint", () => apply(chosen));
}

/** A page opened from a file may have no storage; then the choice lasts as long as the page. */
function storedTheme(): ThemeName {
  try {
    const stored = localStorage.getItem(STORED);
    return THEMES.find((theme) => theme === stored) ?? "system";
  } catch {
    return "system";
  }
}

function store(theme: string): void {
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    // Nothing to do: the page has the theme all the same.
  }
}
