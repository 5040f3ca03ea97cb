import { parsePayload, type TaskPayload } from "@agent-hive/contracts";
import { z } from "zod";
import type { CrashHistory } from "@agent-hive/domain";
import type { Resumption } from "../attempts/attempt.js";
import type { Delivery } from "./delivery.js";
import type { BeginReply } from "./task-stream.js";

type Begun = Extract<BeginReply, { status: "begun" }>;

/** The payload counts crashes up to its dispatch, Redis those since the attempt was published: the larger one is known. */
export function historyOf(payload: TaskPayload, begun: Begun): CrashHistory {
  return {
    crashes: Math.max(payload.crashes, begun.crashes),
    crashesAlone: Math.max(payload.crashesAlone, begun.crashesAlone),
  };
}

/** What the attempt resumes from: the checkpoint in Redis, which is newer, or the one in the payload. */
export function resumptionOf({ envelope, payload }: Delivery, begun: Begun): Resumption {
  const saved = begun.checkpoint;
  const parsed = saved && parsePayload(z.unknown(), saved.data);
  // What cannot be read is no progress; the attempt goes on without it.
  if (!saved || !parsed?.ok) return { data: payload.checkpoint, sequence: 0 };
  return { data: parsed.value, sequence: saved.attempt === envelope.attempt ? saved.sequence : 0 };
}
