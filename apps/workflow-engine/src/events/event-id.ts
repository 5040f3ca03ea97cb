const EVENT_ID = /^\d{1,20}-\d{1,20}$/;

/** Whether the text is the id of an entry, as clients send it back in `Last-Event-ID`. */
export const isEventId = (text: string): boolean => EVENT_ID.test(text);

/** Whether one entry came after another in its stream. */
export function isAfter(id: string, other: string): boolean {
  const [time, sequence] = id.split("-").map(BigInt);
  const [otherTime, otherSequence] = other.split("-").map(BigInt);
  return time! > otherTime! || (time === otherTime && sequence! > otherSequence!);
}
