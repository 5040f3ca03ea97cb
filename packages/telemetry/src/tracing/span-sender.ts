import http from "node:http";
import https from "node:https";
import { SpanBatch } from "./span-batch.js";
import { envelopeOf } from "./span-encoding.js";

/** Told when spans could not be sent, and are lost, for the first time; and when they can be sent again. */
export type DeliveryListener = (delivery: { sent: true } | { sent: false; error: Error }) => void;

/**
 * Spans wait so long for others to be sent along: as much as a crash may cost of them. Where they are few, a request each ten
 * milliseconds costs nothing that could be noticed; where they are many, one for each would be a load of its own.
 */
const WAIT_MS = { few: 10, many: 100 };
/** From so many in one request on they are many: about 1,600 a second, and no longer when they are less than a tenth of that. */
const MANY = 16;
const AT_ONCE = 2_048;
/** Then spans are dropped: about 16 MiB. */
const MOST_WAITING = 16_384;
const ANSWER_WITHIN_MS = 10_000;

/** Sends spans to a collector, many at once; one request at a time, so that a slow collector is not given more. */
export class SpanSender {
  private readonly url: URL;
  private readonly agent: http.Agent;
  private readonly envelope: [before: Buffer, after: Buffer];
  /** The last one is being filled. */
  private readonly waiting: SpanBatch[] = [];
  private waitingSpans = 0;
  /** One that was sent, for the next spans. */
  private spare: SpanBatch | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private sentLast = 0;
  private isSent = true;

  /** @param endpoint of an OTLP collector over HTTP, e.g. `http://127.0.0.1:4318`. */
  constructor(
    endpoint: string,
    service: string,
    instance: string,
    private readonly tell: DeliveryListener = () => undefined,
  ) {
    this.url = new URL(`${endpoint.replace(/\/$/, "")}/v1/traces`);
    this.agent = new (this.isSecure ? https : http).Agent({ keepAlive: true, maxSockets: 1 });
    const [before, after] = envelopeOf(service, instance);
    this.envelope = [Buffer.from(before), Buffer.from(after)];
  }

  /** @param span as `encodeSpan` writes it. */
  add(span: string): void {
    if (this.waitingSpans >= MOST_WAITING) return this.note(new Error(`More than ${MOST_WAITING} spans wait.`));
    this.waitingSpans += 1;
    const last = this.waiting.at(-1);
    if (last === undefined || last.size >= AT_ONCE || !last.add(span)) {
      this.waiting.push(this.batchWith(span));
    }
    this.sendInTime();
  }

  /** Sends what waits; resolves when it is sent, or lost. */
  async flush(): Promise<void> {
    while (this.sending !== undefined || this.waiting.length > 0) await this.send();
  }

  async stop(): Promise<void> {
    await this.flush();
    this.agent.destroy();
  }

  private batchWith(span: string): SpanBatch {
    const { spare } = this;
    this.spare = undefined;
    if (spare?.add(span)) return spare;
    const batch = new SpanBatch(SpanBatch.roomFor(span));
    batch.add(span);
    return batch;
  }

  private sendInTime(): void {
    if (this.sending !== undefined || this.waiting.length === 0) return;
    if (this.waiting.length > 1 || this.waiting[0]!.size >= AT_ONCE) void this.send();
    else this.timer ??= setTimeout(() => void this.send(), this.waitMs).unref();
  }

  private get waitMs(): number {
    return this.sentLast < MANY ? WAIT_MS.few : WAIT_MS.many;
  }

  private send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return (this.sending ??= this.sendBatch().finally(() => {
      this.sending = undefined;
      this.sendInTime();
    }));
  }

  private async sendBatch(): Promise<void> {
    const batch = this.waiting.shift();
    if (batch === undefined) return;
    this.waitingSpans -= batch.size;
    this.sentLast = batch.size;
    try {
      await this.post(batch.bytes);
      this.note(undefined);
      this.keep(batch);
    } catch (error) {
      this.note(error as Error);
    }
  }

  /** Only once the answer is there: then nothing reads from it any more. */
  private keep(batch: SpanBatch): void {
    if (!batch.isUsual) return;
    batch.clear();
    this.spare = batch;
  }

  /** Without `fetch`, which is traced itself. */
  private post(spans: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const [before, after] = this.envelope;
    const length = before.length + spans.length + after.length;
    const headers = { "content-type": "application/json", "content-length": length };
    const options = { method: "POST", agent: this.agent, headers, timeout: ANSWER_WITHIN_MS };
    const request = (this.isSecure ? https : http).request(this.url, options, (response) => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`The collector answered ${response.statusCode}.`));
      });
    });
    request.once("error", reject);
    request.once("timeout", () => request.destroy(new Error(`No answer within ${ANSWER_WITHIN_MS} ms.`)));
    request.write(before);
    request.write(spans);
    request.end(after);
    return promise;
  }

  private get isSecure(): boolean {
    return this.url.protocol === "https:";
  }

  private note(error: Error | undefined): void {
    const wasSent = this.isSent;
    this.isSent = error === undefined;
    if (this.isSent !== wasSent) this.tell(error === undefined ? { sent: true } : { sent: false, error });
  }
}
