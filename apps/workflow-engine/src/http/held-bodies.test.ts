import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { HeldBodies } from "./held-bodies.js";

const receive = (held: HeldBodies, request: object, bytes: number) =>
  buffer(Readable.from([Buffer.alloc(bytes)]).pipe(held.counterOf(request)));

test("bodies are let in as far as there is room, which is there again once requests are answered", async () => {
  const held = new HeldBodies(100);
  const [first, second, third] = [{}, {}, {}];
  await receive(held, first, 60);
  await receive(held, second, 40);
  await expect(receive(held, third, 1)).rejects.toMatchObject({
    problem: { status: 503, code: "TOO_BUSY" },
    retryAfterSeconds: 2,
  });
  held.release(third);
  held.release(first);
  held.release(first);
  expect(await receive(held, third, 60)).toHaveLength(60);
  await expect(receive(held, {}, 1)).rejects.toThrow("Too many large requests");
});
