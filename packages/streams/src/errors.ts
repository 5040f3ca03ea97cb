import { LeaseLostError, TransientError } from "@agent-hive/domain/errors";

/**
 * No reply within the deadline, or the connection broke first: whether the command took effect is unknown. Every
 * script may be repeated; callers do so, or look again.
 */
export class CommandTimeoutError extends TransientError {
  constructor(operation: string, timeoutMs: number, cause?: unknown) {
    super("REDIS_COMMAND_TIMEOUT", `Redis did not answer "${operation}" within ${timeoutMs} ms.`, {
      details: { operation, timeoutMs },
      cause,
    });
  }
}

/** There is no connection to Redis, or it broke before the reply: the command's effect is unknown. */
export class ConnectionLostError extends TransientError {
  constructor(operation: string, cause: unknown) {
    super("REDIS_CONNECTION_LOST", `The connection to Redis was lost during "${operation}".`, {
      details: { operation },
      cause,
    });
  }
}

/**
 * Redis is at another epoch than the caller, or at none: it has lost its data since. Nothing was written. The member
 * reads the epoch again, what was held is dropped, and work goes on.
 */
export class EpochChangedError extends TransientError {
  constructor(operation: string, expected: string) {
    super("EPOCH_CHANGED", `"${operation}" expected epoch "${expected}", but Redis is at another one or at none.`, {
      details: { operation, expected },
    });
  }
}

/** The caller's incarnation was declared dead: nothing was written. The member drops its work and registers anew. */
export class DeclaredDeadError extends LeaseLostError {
  constructor(operation: string, incarnation: string) {
    super("DECLARED_DEAD", `"${operation}" was refused: incarnation "${incarnation}" has been declared dead.`, {
      details: { operation, incarnation },
    });
  }
}
