import { readSettings } from "@agent-hive/service-kit/settings";

/** W3C's flag. */
const SAMPLED = 1;

/**
 * Where a trace can be looked at.
 *
 * @param template with `{traceId}` in it. Default: what HIVE_TRACE_URL says.
 * @returns undefined if nothing says where, or no span of the trace was written.
 */
export function traceLink(traceparent: string, template = templateOf()): string | undefined {
  const [, traceId, , flags] = traceparent.split("-");
  const isWritten = (Number.parseInt(flags ?? "", 16) & SAMPLED) !== 0;
  return template === undefined || !isWritten ? undefined : template.replace("{traceId}", traceId!);
}

const templateOf = (): string | undefined => readSettings("cli", { warn: () => undefined }).HIVE_TRACE_URL;
