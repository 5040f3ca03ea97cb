import type { ActRecord, ArmOptions } from "./agent-crash-simulator.js";
import { HELD_MOMENTS, type TaskMoment, type TaskMoments } from "./ports.js";

/** Waits for agents to come to a moment, and strikes the first `count` of them. */
export class Ambush {
  private left: number;
  private readonly orders = new Set<string>();
  private unsubscribe: () => void = () => undefined;
  private laying: Promise<void> = Promise.resolve();
  private settle!: { resolve: () => void; reject: (error: unknown) => void };
  private readonly ended = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));

  /**
   * @param strike undefined when the life that came to the moment was over already: another one will come.
   * @param done gets a record of every strike.
   */
  constructor(
    private readonly moments: TaskMoments,
    private readonly options: ArmOptions,
    private readonly strike: (moment: TaskMoment) => Promise<ActRecord | undefined>,
    private readonly done: ActRecord[],
  ) {
    this.left = options.count ?? 1;
  }

  /** Listens, and places an order for each strike to come; resolves when they stand. */
  lay(): Promise<void> {
    this.unsubscribe = this.moments.subscribe((moment) => this.meet(moment));
    this.laying = this.placeOrders(this.left);
    this.laying.catch((error: unknown) => this.settle.reject(error));
    return this.laying;
  }

  /** Resolves once all strikes are done or the signal is given; orders that nobody came to are taken back. */
  async over(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.settle.resolve(), { once: true });
    try {
      await this.ended;
    } finally {
      this.unsubscribe();
      await this.laying.catch(() => undefined);
      const { orders } = this.moments;
      if (orders) await Promise.all([...this.orders].map((orderId) => orders.withdraw(orderId)));
    }
  }

  private meet(moment: TaskMoment): void {
    if (this.left === 0 || !this.isMeant(moment)) return;
    this.left -= 1;
    if (moment.orderId !== undefined) this.orders.delete(moment.orderId);
    this.strike(moment).then(
      (record) => (record ? this.struck(record) : this.missed()),
      (error: unknown) => this.settle.reject(error),
    );
  }

  private struck(record: ActRecord): void {
    this.done.push(record);
    if (this.done.length === (this.options.count ?? 1)) this.settle.resolve();
  }

  private missed(): void {
    this.left += 1;
    this.placeOrders(1).catch((error: unknown) => this.settle.reject(error));
  }

  private async placeOrders(count: number): Promise<void> {
    const { orders } = this.moments;
    if (!orders || !HELD_MOMENTS.has(this.options.moment)) return;
    const { moment, agentType, taskId } = this.options;
    const placed = await Promise.all(Array.from({ length: count }, () => orders.place({ moment, agentType, taskId })));
    for (const orderId of placed) this.orders.add(orderId);
  }

  private isMeant(moment: TaskMoment): boolean {
    if (moment.orderId !== undefined) return this.orders.has(moment.orderId);
    const { workflowId, taskId, agentType } = this.options;
    return (
      moment.moment === this.options.moment &&
      (workflowId === undefined || workflowId === moment.workflowId) &&
      (taskId === undefined || taskId === moment.taskId) &&
      (agentType === undefined || agentType === moment.agentType)
    );
  }
}
