/**
 * One service under several addresses: a request goes to the replica that answered last, and from one that does not
 * answer to the next. So it may reach the service twice, and must be safe to repeat.
 */

/** How long a replica may keep a request while another could be asked instead. */
const TURN_AWAY_AFTER_MS = 2_000;

export class Replicas {
  private readonly urls: readonly string[];
  private preferred = 0;

  /** @param urls at least one. */
  constructor(urls: string | readonly string[]) {
    this.urls = typeof urls === "string" ? [urls] : urls;
    if (this.urls.length === 0) throw new TypeError("A service needs at least one URL.");
  }

  get count(): number {
    return this.urls.length;
  }

  /**
   * Makes the request at one replica after the other, each at most once, until one gives an answer.
   *
   * @param limitMs how long the request may take at the last of them, in ms; those before it are given up sooner.
   * @param isAnswer whether what the request failed with is the service's answer, which no other replica would change.
   * @throws what the last replica's request failed with.
   */
  async ask<T>(
    limitMs: number,
    request: (url: string, limitMs: number) => Promise<T>,
    isAnswer: (error: unknown) => boolean,
  ): Promise<T> {
    for (let asked = 1; ; asked++) {
      const index = this.preferred;
      const isLast = asked >= this.urls.length;
      try {
        return await request(this.urls[index]!, isLast ? limitMs : Math.min(limitMs, TURN_AWAY_AFTER_MS));
      } catch (error) {
        if (isAnswer(error)) throw error;
        this.turnFrom(index);
        if (isLast) throw error;
      }
    }
  }

  /** The replica that is asked next, and what turns from it to another one. */
  current(): { url: string; turnAway: () => void } {
    const index = this.preferred;
    return { url: this.urls[index]!, turnAway: () => this.turnFrom(index) };
  }

  /** Of several requests that failed at the same replica only the first turns away. */
  private turnFrom(index: number): void {
    if (this.preferred === index) this.preferred = (index + 1) % this.urls.length;
  }
}
