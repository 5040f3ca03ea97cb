/**
 * Ends what has been silent for too long: a service that is frozen, or cut off by a network that says nothing of it,
 * keeps its connections for hours. Services send a comment every two seconds, so silence means that nobody is there.
 */
export class SilenceLimit {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  /** @param limitMs of silence, in ms. */
  constructor(limitMs: number) {
    const silent = (): void => this.controller.abort(new Error(`Nothing was heard for ${limitMs} ms.`));
    this.timer = setTimeout(silent, limitMs).unref();
  }

  /** Aborted when the silence has lasted too long. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something came. */
  heard(): void {
    this.timer.refresh();
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
