import { Worker } from "node:worker_threads";
import type { AgentTypes, Problem, TraceContext } from "@agent-hive/contracts";
import { ProblemError, type ProblemCode } from "@agent-hive/service-kit";
import type { TraceSampling } from "../tracing/trace-sampling.js";
import type { PlanningOrder, PlanningReply } from "./planning-thread.js";
import { prepareSubmission, type PreparedSubmission } from "./prepare-submission.js";
import type { SubmissionBody } from "./submission-body.js";

/** Planned at once: that holds the process up for 50 ms at most, and a thread takes longer than that to start. */
const AT_ONCE_BYTES = 1024 * 1024;
/** Phases multiply: from so many bytes on they may make more dependencies than that. */
const PHASES_AT_ONCE_BYTES = 4 * 1024;
/** A body of 64 MiB takes half of it. What takes more than all ends its thread, not the process. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 2048 };

/**
 * Prepares submissions. Large ones are prepared in a thread of their own, one at a time, so that everything else goes on
 * meanwhile and the memory for it is needed once, and only then.
 */
export class SubmissionPlanner {
  private previous: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly agentTypes: AgentTypes,
    private readonly sampling: TraceSampling,
  ) {}

  /** @throws ProblemError as `prepareSubmission` does. */
  async prepare(body: SubmissionBody, trace?: TraceContext): Promise<PreparedSubmission> {
    const prepared = await this.prepared(body, trace);
    this.sampling.sampled(prepared.traceparents);
    return prepared;
  }

  private async prepared(body: SubmissionBody, trace?: TraceContext): Promise<PreparedSubmission> {
    const { agentTypes } = this;
    const sampling = this.sampling.room();
    if (isSmall(body)) return prepareSubmission(body, { agentTypes, trace, sampling });
    const prepared = this.previous.then(() => inThread({ ...body, trace, sampling, groups: agentTypes.groups }));
    this.previous = prepared.catch(() => undefined);
    return prepared;
  }
}

function isSmall({ bytes }: SubmissionBody): boolean {
  if (bytes.length > AT_ONCE_BYTES) return false;
  return bytes.length <= PHASES_AT_ONCE_BYTES || !bytes.includes('"phases"');
}

function inThread(order: PlanningOrder): Promise<PreparedSubmission> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./planning-thread.js", import.meta.url), {
      workerData: order,
      resourceLimits: THREAD_LIMITS,
      execArgv: [],
    });
    thread.once("message", (reply: PlanningReply) => {
      if ("prepared" in reply) resolve(reply.prepared);
      else reject(problemFrom(reply.problem));
    });
    thread.once("error", (error: Error & { code?: string }) => reject(outOfMemory(error) ?? error));
    thread.once("exit", () => reject(new Error("The planning thread ended without an answer.")));
  });
}

const problemFrom = ({ code, detail, errors }: Problem): ProblemError =>
  new ProblemError(code as ProblemCode, detail, errors === undefined ? {} : { errors });

function outOfMemory(error: Error & { code?: string }): ProblemError | undefined {
  if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return undefined;
  const detail = `Planning the request takes more than ${THREAD_LIMITS.maxOldGenerationSizeMb} MiB of memory. Send less at once.`;
  return new ProblemError("OVER_LIMIT", detail, { cause: error });
}
