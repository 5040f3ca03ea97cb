export { CRASH_POINTS_VARIABLE, crashPoint } from "./crash-point.js";
export { CRASH_POINTS, type CrashPoint } from "./crash-points.js";
