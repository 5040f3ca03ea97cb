/** What an error says, with what several say that came together. */
export function toMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(toMessage).join("; ");
  return error instanceof Error ? error.message : String(error);
}
