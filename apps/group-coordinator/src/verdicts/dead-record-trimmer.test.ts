import { createKeys } from "@agent-hive/contracts";
import { DeadRecordTrimmer } from "./dead-record-trimmer.js";

const DAY_MS = 24 * 3_600_000;

function setup(dead: string[], abandoned: string[] = []) {
  const keys = createKeys("t:");
  const set = new Set(dead);
  const commands: string[][] = [];
  const streams = {
    keys,
    abandoned: async () => abandoned,
    call: async (command: string, [key, ...members]: readonly string[]) => {
      if (command === "SMEMBERS") return [...set];
      commands.push([command, key!, ...members]);
      if (command === "SREM") for (const member of members) set.delete(member);
      return members.length;
    },
  };
  const clock = { nowMs: 0 };
  return { trimmer: new DeadRecordTrimmer(streams, ["g"], () => clock.nowMs), set, commands, clock };
}

test("an incarnation is forgotten, with its verdict, a day after it was first seen dead", async () => {
  const { trimmer, set, commands, clock } = setup(["early"]);
  expect(await trimmer.runOnce()).toBe(0);
  clock.nowMs = DAY_MS - 1;
  set.add("late");
  expect(await trimmer.runOnce()).toBe(0);
  clock.nowMs = DAY_MS;
  expect(await trimmer.runOnce()).toBe(1);
  expect([...set]).toEqual(["late"]);
  expect(commands).toEqual([
    ["SREM", "t:hive:dead", "early"],
    ["HDEL", "t:hive:verdicts", "early"],
  ]);
});

test("one whose entries may still wait to be claimed stays dead, however old", async () => {
  const { trimmer, set, clock } = setup(["holder"], ["holder"]);
  await trimmer.runOnce();
  clock.nowMs = 10 * DAY_MS;
  expect(await trimmer.runOnce()).toBe(0);
  expect(set.has("holder")).toBe(true);
});
