import type { MountedChart } from "./mount-chart.js";

/** While one points at, or has the focus on, a task or an act, all that belongs to it stands out: in tables, graph and timeline. */
export function showRelated(charts: readonly MountedChart[]): void {
  let current: string | undefined;
  const show = (target: EventTarget | null): void => {
    const related = relatedOf(target);
    if (related === current) return;
    current = related;
    mark(related);
    for (const { bringForward } of charts) bringForward(related);
  };
  document.addEventListener("pointerover", ({ target }) => show(target));
  document.addEventListener("focusin", ({ target }) => show(target));
  document.addEventListener("focusout", ({ relatedTarget }) => show(relatedTarget));
}

function relatedOf(target: EventTarget | null): string | undefined {
  const holder = target instanceof Element ? target.closest("[data-related]") : null;
  return holder?.getAttribute("data-related") ?? undefined;
}

function mark(related: string | undefined): void {
  for (const element of document.querySelectorAll(".related")) element.classList.remove("related");
  if (related === undefined) return;
  for (const element of document.querySelectorAll(`[data-related="${CSS.escape(related)}"]`))
    element.classList.add("related");
}
