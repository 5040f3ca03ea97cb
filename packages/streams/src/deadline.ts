import { CommandTimeoutError } from "./errors.js";

/**
 * The promise, or a CommandTimeoutError once the time is over.
 *
 * @param operation named by the error.
 */
export function withDeadline<T>(promise: Promise<T>, operation: string, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new CommandTimeoutError(operation, timeoutMs)), timeoutMs);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
