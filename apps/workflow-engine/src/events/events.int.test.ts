import type { Outcome } from "@agent-hive/contracts";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

interface Message {
  id?: string;
  event?: string;
  data: { type?: string; workflow?: { state: string }; workflowId?: string };
}

/** Splits a whole answer of server-sent events. */
const messagesOf = (text: string): Message[] =>
  text
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
      );
      return { ...fields, data: JSON.parse(fields.data!) };
    });

let hive: TestHive;
let release: () => void;
let released: Promise<void>;
beforeAll(async () => {
  const handle = async (): Promise<Outcome> => {
    await released;
    return { status: "succeeded" };
  };
  hive = await startHive({ handle });
});
beforeEach(() => {
  ({ promise: released, resolve: release } = Promise.withResolvers<void>());
});
afterAll(() => hive.stop());

const two = {
  name: "two",
  tasks: [
    { id: "a", agentType: "qa" },
    { id: "b", agentType: "qa", dependsOn: ["a"] },
  ],
};

test("a watch begins with a snapshot, tells what happens, and ends with the workflow", async () => {
  const id = await hive.submit(two);
  const response = await hive.request(`/v1/workflows/${id}/events`);
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const text = response.text();
  await new Promise((resolve) => setTimeout(resolve, 200));
  release();
  const messages = messagesOf(await text);
  const types = messages.map((message) => message.event);
  expect(types[0]).toBe("snapshot");
  expect(types.slice(1, -1)).toEqual(
    expect.arrayContaining(["task.succeeded", "task.dispatched", "task.succeeded", "workflow.succeeded"]),
  );
  expect(types.at(-1)).toBe("end");
  expect(messages.at(-1)!.data.workflow!.state).toBe("succeeded");
  expect(messages.slice(1, -1).every((message) => message.data.workflowId === id)).toBe(true);
});

test("a watch of a workflow that has ended ends at once", async () => {
  release();
  const id = await hive.submit(two);
  await hive.finished(id);
  const messages = messagesOf(await (await hive.request(`/v1/workflows/${id}/events`)).text());
  expect(messages.map((message) => message.event)).toEqual(["snapshot", "end"]);
});

test("a watch ends even if the event of its end is lost", async () => {
  const id = await hive.submit(two);
  const response = await hive.request(`/v1/workflows/${id}/events`);
  const text = response.text();
  await hive.redis.rename(hive.keys.events, `${hive.keys.events}:hidden`);
  // Of another type from now on, so that nothing can be added.
  await hive.redis.set(hive.keys.events, "not a stream");
  await hive.request(`/v1/workflows/${id}/cancel`, { method: "POST" });
  expect(messagesOf(await text).at(-1)).toMatchObject({ event: "end", data: { workflow: { state: "cancelled" } } });
  await hive.redis.del(hive.keys.events);
});

test("the hive's events are told from the Last-Event-ID on, and on", async () => {
  release();
  const first = await hive.submit(two);
  await hive.finished(first);
  const [entry] = await hive.redis.xrange(hive.keys.events, "-", "+", "COUNT", 1);
  const abort = new AbortController();
  const response = await hive.request("/v1/events", { headers: { "last-event-id": entry![0] }, signal: abort.signal });
  const decoder = new TextDecoder();
  let text = "";
  const second = await hive.submit(two);
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (messagesOf(text).some(({ data }) => data.workflowId === second && data.type === "workflow.succeeded")) break;
  }
  abort.abort();
  const messages = messagesOf(text);
  expect(messages.some(({ data }) => data.workflowId === first && data.type === "workflow.succeeded")).toBe(true);
  const ids = messages.flatMap(({ id }) => id ?? []);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
});

test("a Last-Event-ID that is none is refused", async () => {
  expect((await hive.request("/v1/events", { headers: { "last-event-id": "yesterday" } })).status).toBe(400);
});
