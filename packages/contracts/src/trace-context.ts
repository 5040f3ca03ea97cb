import { z } from "zod";

/** W3C `traceparent`, version 00. */
export const traceparentSchema = z
  .string()
  .regex(
    /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/,
    "must be a W3C traceparent (00-<trace>-<span>-<flags>)",
  );

/** W3C `tracestate`, not interpreted. */
export const tracestateSchema = z.string().max(512);

/** The context that travels with every message, so that a workflow is one trace. */
export interface TraceContext {
  traceparent: string;
  tracestate?: string;
}

/** W3C's flag. */
const SAMPLED = 1;

/**
 * Where a trace can be looked at.
 *
 * @param template with `{traceId}` in it, as HIVE_TRACE_URL has it.
 * @returns undefined if nothing says where, or the trace is not sampled.
 */
export function traceUrl(template: string | undefined, traceparent: string): string | undefined {
  const [, traceId, , flags] = traceparent.split("-");
  const isSampled = (Number.parseInt(flags ?? "", 16) & SAMPLED) !== 0;
  return isSampled ? template?.replace("{traceId}", traceId!) : undefined;
}
