export { CRASH_POINTS_VARIABLE, crashPoint, type CrashPoint } from "./crash-point.js";
