import { TickBatcher } from "./tick-batcher.js";

test("what is added in one turn of the event loop is sent together, by key, and each gets its own result", async () => {
  const sent: number[][] = [];
  const batcher = new TickBatcher<number, string>();
  const send = async (items: number[]): Promise<string[]> => {
    sent.push(items);
    return items.map((item) => `r${item}`);
  };
  const results = await Promise.all([batcher.add("a", 1, send), batcher.add("b", 2, send), batcher.add("a", 3, send)]);
  expect(results).toEqual(["r1", "r2", "r3"]);
  expect(sent).toEqual([[1, 3], [2]]);
  await batcher.add("a", 4, send);
  expect(sent).toHaveLength(3);
});

test("a batch that fails fails for each", async () => {
  const batcher = new TickBatcher<number, string>();
  const send = async (): Promise<string[]> => {
    throw new Error("away");
  };
  const outcomes = await Promise.allSettled([batcher.add("a", 1, send), batcher.add("a", 2, send)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
