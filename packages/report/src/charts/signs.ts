import type { MarkKind } from "./chart-data.js";

/** The signs of the timeline as paths in a square of 12 by 12, filled: legend and chart draw the same ones. */
export const SIGNS: Record<MarkKind, string> = {
  crash: "M1.2 3.2L3.2 1.2L6 4L8.8 1.2L10.8 3.2L8 6L10.8 8.8L8.8 10.8L6 8L3.2 10.8L1.2 8.8L4 6Z",
  freeze: "M2 1H5V11H2ZM7 1H10V11H7Z",
  isolate: "M1 1H5V4H4V8H5V11H1ZM7 1H11V11H7V8H8V4H7Z",
  claim: "M2 1L11 6L2 11Z",
  fenced: "M6 0L12 6L6 12L0 6ZM6 3.2L3.2 6L6 8.8L8.8 6Z",
};

/** Side of the square in which the paths lie. */
export const SIGN_SIZE = 12;
