import type { LINKS } from "./names.js";

/** Lists are of handlers' own spans only. */
export type AttributeValue = string | number | boolean | AttributeValue[];

/** Values of attributes; what is undefined is left out. */
export type SpanAttributes = Record<string, AttributeValue | undefined>;

/** A span that is over, as whoever writes it knows it. Times are of the wall clock, in milliseconds since 1970. */
export interface SpanFacts {
  name: string;
  kind: "internal" | "server" | "client" | "producer" | "consumer";
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
