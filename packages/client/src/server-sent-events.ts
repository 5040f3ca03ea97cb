import { createParser, type EventSourceMessage } from "eventsource-parser";

/**
 * Reads `text/event-stream` from a response body, message by message, until it ends.
 *
 * @param heard called whenever something comes, be it only a comment.
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => undefined,
): AsyncGenerator<EventSourceMessage> {
  const decoder = new TextDecoder();
  const complete: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => complete.push(message) });
  for await (const chunk of body) {
    heard();
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* complete.splice(0);
  }
}
