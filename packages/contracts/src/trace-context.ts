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
