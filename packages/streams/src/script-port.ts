import type { Keys } from "@agent-hive/contracts";
import type { ScriptName } from "./scripts.js";
import type { MemberIdentity } from "./types.js";

/** Most entries that one script handles: it holds up everyone else while it runs (250 took 2 to 3 ms). */
export const ENTRIES_PER_SCRIPT = 100;

/** What groups of commands need of the manager. */
export interface ScriptPort {
  readonly keys: Keys;
  /**
   * Runs a script as the member, under the epoch that is known, and gives its reply, whose first element is the status.
   *
   * @throws EpochChangedError, DeclaredDeadError.
   */
  run(
    name: ScriptName,
    member: Pick<MemberIdentity, "incarnation">,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown[]>;
  call(command: string, args: readonly string[]): Promise<unknown>;
}

/** Cuts a list into pieces that one script each may handle. */
export function scriptSized<T>(items: readonly T[], size = ENTRIES_PER_SCRIPT): T[][] {
  const pieces: T[][] = [];
  for (let start = 0; start < items.length; start += size) pieces.push(items.slice(start, start + size));
  return pieces;
}

/** Numbers keys from `first` on, each once, in the order in which they are first asked for. */
export class KeyNumbers {
  readonly keys: string[] = [];
  private readonly numbers = new Map<string, string>();

  constructor(private readonly first: number) {}

  of(key: string): string {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = String(this.first + this.keys.length);
    this.keys.push(key);
    this.numbers.set(key, number);
    return number;
  }
}
