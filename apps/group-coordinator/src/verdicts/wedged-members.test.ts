import type { Heartbeat } from "@agent-hive/contracts";
import { WedgedMembers } from "./wedged-members.js";

const beat = (counter: number, mainLoop: number): Heartbeat => ({ counter, mainLoop, held: [], rssBytes: 0 });

test("a process is wedged until its main loop moves or it is gone", () => {
  const wedged = new WedgedMembers();
  wedged.note("stuck", beat(1, 7));
  wedged.note("gone", beat(1, 7));
  wedged.note("never beat", undefined);
  expect(
    wedged.among(
      new Map([
        ["stuck", beat(9, 7)],
        ["other", beat(1, 7)],
      ]),
    ),
  ).toEqual(new Set(["stuck"]));
  expect(wedged.among(new Map([["stuck", beat(10, 8)]]))).toEqual(new Set());
  expect(wedged.among(new Map([["stuck", beat(11, 7)]]))).toEqual(new Set());
});
