interface Waiting<T, R> {
  items: T[];
  settle: { resolve: (result: R) => void; reject: (error: unknown) => void }[];
}

/** Joins what is added in one turn of the event loop into one call; no timer delays it. */
export class TickBatcher<T, R> {
  private readonly waiting = new Map<string, Waiting<T, R>>();

  /**
   * @param key only items of one key are joined.
   * @param send is called once for the batch, and gives one result for each item, in order.
   */
  add(key: string, item: T, send: (items: T[]) => Promise<R[]>): Promise<R> {
    return new Promise((resolve, reject) => {
      const batch = this.waiting.get(key) ?? this.open(key, send);
      batch.items.push(item);
      batch.settle.push({ resolve, reject });
    });
  }

  private open(key: string, send: (items: T[]) => Promise<R[]>): Waiting<T, R> {
    const batch: Waiting<T, R> = { items: [], settle: [] };
    this.waiting.set(key, batch);
    setImmediate(() => {
      this.waiting.delete(key);
      send(batch.items).then(
        (results) => batch.settle.forEach(({ resolve }, i) => resolve(results[i]!)),
        (error: unknown) => batch.settle.forEach(({ reject }) => reject(error)),
      );
    });
    return batch;
  }
}
