import { randomUUID } from "node:crypto";
import { taskKeyOf } from "@agent-hive/contracts";
import { Cancellations } from "./cancellations.js";

test("a cancelled workflow covers all its tasks, single tasks only themselves", () => {
  const cancellations = new Cancellations();
  const [whole, part, other] = [randomUUID(), randomUUID(), randomUUID()];
  cancellations.add(whole);
  cancellations.add(part, [taskKeyOf(part, 1)]);
  const covered = [taskKeyOf(whole, 7), taskKeyOf(part, 1), taskKeyOf(part, 2), taskKeyOf(other, 0)];
  expect(covered.map((taskKey) => cancellations.cover(taskKey))).toEqual([true, true, false, false]);
});

test("of very many the latest are remembered, and one that is repeated is a late one", () => {
  const cancellations = new Cancellations();
  const ids = Array.from({ length: 10_002 }, () => randomUUID());
  for (const id of ids.slice(0, 10_000)) cancellations.add(id);
  cancellations.add(ids[0]!);
  for (const id of ids.slice(10_000)) cancellations.add(id);
  const covers = (index: number): boolean => cancellations.cover(taskKeyOf(ids[index]!, 0));
  expect([0, 1, 2, 3, 10_001].map(covers)).toEqual([true, false, false, true, true]);
});
