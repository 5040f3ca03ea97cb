/** What can go wrong while stores and services are started and stopped. */
export type LauncherErrorCode =
  | "ALREADY_RUNNING"
  | "NO_FREE_PORT"
  | "NOT_BUILT"
  | "POSTGRES_UNAVAILABLE"
  | "PROCESS_NOT_READY"
  | "REDIS_UNAVAILABLE"
  | "UNKNOWN_PROCESS";

/** A failure of the launcher: a stable code, and a message that names the thing and the way out. */
export class LauncherError extends Error {
  override readonly name = "LauncherError";

  constructor(
    readonly code: LauncherErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
