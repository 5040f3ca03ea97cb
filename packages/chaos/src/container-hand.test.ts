import { ContainerHand } from "./container-hand.js";

const agent = { pid: 7, incarnation: "i", host: "0123456789ab" };
const clock = { now: () => new Date(10_500), monotonicMs: () => 900 };

/** Docker as it answers: what was asked of it is kept. */
function docker(answer: (args: string[]) => string) {
  const asked: string[][] = [];
  const hand = new ContainerHand(async (program, args) => {
    asked.push([program, ...args]);
    return answer(args);
  }, clock);
  return { asked, hand };
}

test("an agent is killed from within its container, at the time that was told there", async () => {
  const { asked, hand } = docker(() => "10400\n");
  expect(await hand.crash("backend", agent)).toEqual({ atMs: 10_400, monotonicMs: 800 });
  expect(asked).toEqual([["docker", "exec", "0123456789ab", "node", "-e", expect.any(String), "7"]]);
});

test("a container is paused, and goes on", async () => {
  const { asked, hand } = docker(() => "");
  const freeze = await hand.freeze("qa", agent);
  expect(freeze).toMatchObject({ atMs: 10_500, monotonicMs: 900 });
  expect(await freeze!.thaw()).toBe(true);
  expect(asked.map((args) => args.slice(1).join(" "))).toEqual(["pause 0123456789ab", "unpause 0123456789ab"]);
});

test("a process of the machine itself is left alone, and so is what Docker does not know", async () => {
  const { asked, hand } = docker(() => {
    throw new Error("No such container");
  });
  expect(await hand.crash("backend-1", { ...agent, host: "laptop" })).toBeUndefined();
  expect(asked).toEqual([]);
  expect(await hand.crash("backend", agent)).toBeUndefined();
  expect(await hand.freeze("backend", agent)).toBeUndefined();
});
