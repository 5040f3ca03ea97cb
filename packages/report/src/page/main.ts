// What the page does in the browser: draws its charts, follows the theme, and shows what belongs together. All that the
// charts show stands in the page's tables too, so without scripts it can still be read.
import { CHARTS } from "./charts.js";
import { mountChart, type MountedChart } from "./mount-chart.js";
import { openTarget } from "./open-target.js";
import { showRelated } from "./related.js";
import { offerThemes } from "./theme-switch.js";

const mounted: MountedChart[] = [...document.querySelectorAll<HTMLElement>("[data-chart]")].map((place) =>
  mountChart(place, CHARTS),
);

offerThemes((width) => mounted.forEach(({ draw }) => draw(width)));
showRelated(mounted);
openTarget();
