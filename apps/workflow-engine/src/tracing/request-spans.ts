import type { TraceContext } from "@agent-hive/contracts";
import { ATTRIBUTES, isSampled, spanIdOf, tracing, wallClockMs } from "@agent-hive/telemetry";
import type { PreparedSubmission } from "../submission/prepare-submission.js";

const ROUTE = "/v1/workflows";
const CREATED = 201;

/**
 * The first span of each workflow's trace: the request that submitted it. Each workflow of a list has a trace of its own,
 * and so a span of its own for the one request.
 *
 * @param trace the client's.
 */
export function writeRequestSpans(
  { encoded, traceparents, isBatch }: PreparedSubmission,
  trace: TraceContext | undefined,
  startMs: number,
): void {
  if (!tracing) return;
  const endMs = wallClockMs();
  const parent =
    isBatch || trace === undefined ? {} : { parentSpanId: spanIdOf(trace.traceparent), hasRemoteParent: true };
  for (const [index, context] of traceparents.entries()) {
    if (!isSampled(context)) continue;
    const { id, name } = encoded.summaries[index]!;
    tracing.write({
      name: `POST ${ROUTE}`,
      kind: "server",
      context,
      ...parent,
      startMs,
      endMs,
      attributes: {
        [ATTRIBUTES.httpMethod]: "POST",
        [ATTRIBUTES.httpRoute]: ROUTE,
        [ATTRIBUTES.httpStatus]: CREATED,
        [ATTRIBUTES.workflow]: id,
        [ATTRIBUTES.workflowName]: name,
      },
    });
  }
}
