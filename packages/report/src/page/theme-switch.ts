const STORED = "agent-hive-report-theme";
const THEMES = ["system", "light", "dark"] as const;
type ThemeName = (typeof THEMES)[number];

/** Lets the reader choose the theme, follows the system until then, and prints in the light one. */
export function offerThemes(onChange: () => void): void {
  const root = document.documentElement;
  const apply = (theme: string): void => {
    root.dataset["theme"] = theme;
    onChange();
  };
  const chosen = storedTheme();
  root.dataset["theme"] = chosen;
  const choice = document.querySelector<HTMLFieldSetElement>("fieldset.theme");
  if (choice) {
    choice.hidden = false;
    for (const input of choice.querySelectorAll("input")) input.checked = input.value === chosen;
    choice.addEventListener("change", (event) => {
      const { value } = event.target as HTMLInputElement;
      store(value);
      apply(value);
    });
  }
  if (chosen !== "system") onChange();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  addEventListener("beforeprint", () => apply("light"));
  addEventListener("afterprint", () => apply(storedTheme()));
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
