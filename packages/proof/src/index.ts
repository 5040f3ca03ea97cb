export { CRASH_POINTS_VARIABLE, crashPoint, type CrashPoint } from "./crash-point.js";
export { HISTORY_VARIABLE, History, history } from "./history.js";
