/** The thread in which one large submission is prepared: see `SubmissionPlanner`. */
import { parentPort, workerData } from "node:worker_threads";
import { AgentTypes, type AgentGroup, type Problem, type TraceContext } from "@agent-hive/contracts";
import { ProblemError } from "@agent-hive/service-kit/problem";
import type { SamplingRoom } from "../tracing/trace-sampling.js";
import { prepareSubmission, type PreparedSubmission } from "./prepare-submission.js";
import type { SubmissionBody } from "./submission-body.js";

/** A body to prepare, with what that takes, as it goes into the thread: buffers come out of it as plain bytes. */
export interface PlanningOrder extends SubmissionBody {
  trace: TraceContext | undefined;
  sampling: SamplingRoom;
  groups: readonly AgentGroup[];
}

export type PlanningReply = { prepared: PreparedSubmission } | { problem: Problem };

const { bytes, format, trace, sampling, groups } = workerData as PlanningOrder;
const port = parentPort!;
port.postMessage(reply());

function reply(): PlanningReply {
  const { buffer, byteOffset, byteLength } = bytes;
  const body = { bytes: Buffer.from(buffer, byteOffset, byteLength), format };
  try {
    return { prepared: prepareSubmission(body, { agentTypes: new AgentTypes(groups), trace, sampling }) };
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error.problem };
    throw error;
  }
}
