import type { StreamEntry } from "@agent-hive/contracts";

/** An entry as Redis replies it; without fields if its data was deleted while it was pending. */
export type RawEntry = [id: string, fields: string[] | null];

/** Turns flat fields into records. Entries without data are left out. */
export function toStreamEntries(raw: readonly RawEntry[]): StreamEntry[] {
  const entries: StreamEntry[] = [];
  for (const [id, flat] of raw) {
    if (flat !== null) entries.push({ id, fields: toRecord(flat) });
  }
  return entries;
}

/** Turns `[name, value, name, value, …]` into a record. */
export function toRecord(flat: readonly string[]): Record<string, string> {
  // Without a prototype: a field may have any name.
  const record = Object.create(null) as Record<string, string>;
  for (let i = 0; i < flat.length; i += 2) record[flat[i]!] = flat[i + 1]!;
  return record;
}
