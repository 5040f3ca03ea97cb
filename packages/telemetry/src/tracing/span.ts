import type { LINKS } from "./names.js";

/** Values of attributes; what is undefined is left out. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

/** A span that is over, as whoever writes it knows it. Times are of the wall clock, in milliseconds since 1970. */
export interface SpanFacts {
  name: string;
  kind: "internal" | "server" | "producer" | "consumer";
  /** Its own context. */
  context: string;
  /** Span id of its parent in the same trace; absent for the first span of a trace. */
  parentSpanId?: string;
  /** The parent is a span of another system. */
  hasRemoteParent?: boolean;
  startMs: number;
  endMs: number;
  attributes: SpanAttributes;
  links?: SpanReference[];
  /** Why it counts as failed. */
  error?: { type: string; message: string };
}

/** Another span, and what it is to this one. */
export interface SpanReference {
  traceId: string;
  spanId: string;
  why: (typeof LINKS)[keyof typeof LINKS];
}
