/** One or several addresses of the replicas of a service. The one that answered last is asked first. */
export class Addresses {
  private readonly urls: readonly string[];
  private preferred = 0;

  constructor(urls: string | readonly string[]) {
    this.urls = typeof urls === "string" ? [urls] : urls;
    if (this.urls.length === 0) throw new TypeError("At least one address is needed.");
  }

  /**
   * Asks one after the other until one answers; a refusal is an answer.
   *
   * @param mayAskAnother whether the next one may be asked after this error.
   * @throws the error of the last that was asked.
   */
  async ask<T>(request: (url: string) => Promise<T>, mayAskAnother: (error: unknown) => boolean): Promise<T> {
    const first = this.preferred;
    for (let turn = 0; ; turn++) {
      const index = (first + turn) % this.urls.length;
      try {
        const answer = await request(this.urls[index]!);
        this.preferred = index;
        return answer;
      } catch (error) {
        if (turn + 1 === this.urls.length || !mayAskAnother(error)) throw error;
      }
    }
  }
}
