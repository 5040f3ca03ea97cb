export { CRASH_POINTS_VARIABLE, crashPoint } from "./crash-point.js";
export { CRASH_POINTS, type CrashPoint } from "./crash-points.js";
export { HISTORY_VARIABLE, History, history } from "./history.js";
