export type ChaosErrorCode = "CHAOS_DISABLED" | "AGENT_NOT_FOUND" | "NOT_AN_AGENT";

/** A refusal of the simulator: a stable code, and a message that names the agent and the way out. */
export class ChaosError extends Error {
  override readonly name = "ChaosError";

  constructor(
    readonly code: ChaosErrorCode,
    message: string,
  ) {
    super(message);
  }
}
