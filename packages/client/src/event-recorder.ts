import type { HiveEvent } from "@agent-hive/contracts";
import type { HiveClient } from "./hive-client.js";

/** Follows the hive's events from its start, keeps them, and lets others wait for one. */
export class EventRecorder {
  readonly events: HiveEvent[] = [];
  private readonly listeners = new Set<(event: HiveEvent) => void>();
  private readonly closing = new AbortController();
  private following: Promise<void> | undefined;

  /** @param client where the events come from; a broken connection is opened again. */
  constructor(private readonly client: HiveClient) {}

  start(): void {
    this.following = this.follow();
  }

  /** Calls the listener with every event from now on, until the returned function is called. */
  on(listener: (event: HiveEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The first event, past or to come, that fits.
   *
   * @throws Error naming what was waited for, once `withinMs` have passed.
   */
  async find(what: string, fits: (event: HiveEvent) => boolean, withinMs: number): Promise<HiveEvent> {
    const past = this.events.find(fits);
    if (past) return past;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stopListening();
        reject(new Error(`${what} did not happen within ${withinMs} ms.`));
      }, withinMs);
      const stopListening = this.on((event) => {
        if (!fits(event)) return;
        clearTimeout(timer);
        stopListening();
        resolve(event);
      });
    });
  }

  async stop(): Promise<void> {
    this.closing.abort();
    await this.following;
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        for await (const { data } of this.client.events({ signal })) {
          if ("type" in data) this.take(data);
        }
      } catch {
        // The engine is away or being restarted. Events are best effort; the next connection goes on.
        await pause(200, signal);
      }
    }
  }

  private take(event: HiveEvent): void {
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
