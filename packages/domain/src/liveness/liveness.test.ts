import fc from "fast-check";
import { type LivenessState, NOTHING_OBSERVED, observe } from "./liveness.js";
import type { LivenessVerdict, Observation, ObservedIncarnation } from "./observation.js";

const SETTINGS = { intervalMs: 100, standstillMs: 1_500, standstillLooks: 6 };

/** A process with two connections, `<id>1` and `<id>2`, alive unless a test says otherwise. */
class Process {
  connections: string[];
  connected: Set<string>;
  runId = "run-1";
  heartbeats = true;
  mainLoop = true;
  saidGoodbye = false;
  #heartbeatCounter = 0;
  #mainLoopCounter = 0;

  constructor(readonly id: string) {
    this.connections = [`${id}1`, `${id}2`];
    this.connected = new Set(this.connections);
  }

  tick(): void {
    if (this.heartbeats) this.#heartbeatCounter++;
    if (this.heartbeats && this.mainLoop) this.#mainLoopCounter++;
  }

  /** What `kill -9` leaves: no connections, no heartbeats. */
  die(): void {
    this.connected.clear();
    this.heartbeats = false;
  }

  get observed(): ObservedIncarnation {
    const { id, connections, runId, saidGoodbye } = this;
    const counters = { heartbeatCounter: this.#heartbeatCounter, mainLoopCounter: this.#mainLoopCounter };
    return { id, connections, runId, saidGoodbye, ...counters };
  }
}

function setup(...ids: string[]) {
  const processes = ids.map((id) => new Process(id));
  let state: LivenessState = NOTHING_OBSERVED;
  let nowMs = 0;
  let runId = "run-1";
  let ownHeartbeatCounter: number | undefined;
  let storeTakesWrites = true;
  /** One look after the given time; heartbeats come between any two. */
  const look = (afterMs = SETTINGS.intervalMs): LivenessVerdict[] => {
    nowMs += afterMs;
    for (const each of processes) each.tick();
    if (ownHeartbeatCounter !== undefined && storeTakesWrites) ownHeartbeatCounter++;
    const observation: Observation = {
      nowMs,
      runId,
      ...(ownHeartbeatCounter !== undefined && { ownHeartbeatCounter }),
      presentConnections: new Set(processes.flatMap((each) => [...each.connected])),
      incarnations: processes.map((each) => each.observed),
    };
    const seen = observe(state, observation, SETTINGS);
    state = seen.state;
    return seen.verdicts;
  };
  return {
    processes,
    look,
    /** As many looks as given; all verdicts with the number of the look that gave them, from 1. */
    looks: (count: number, afterMs?: number) =>
      Array.from({ length: count }, (_, index) => index + 1).flatMap((number) =>
        look(afterMs).map(({ incarnation, verdict }) => `${number}: ${incarnation} ${verdict}`),
      ),
    /** From now on the observer has a heartbeat of its own, and sees it. */
    beat: () => (ownHeartbeatCounter = 0),
    /** While it does not, nobody's heartbeats arrive, and all that is there can be read. */
    letStoreTakeWrites: (takes: boolean) => {
      storeTakesWrites = takes;
      for (const each of processes) each.heartbeats = takes;
    },
    fail: () => {
      nowMs += SETTINGS.intervalMs;
      state = observe(state, undefined, SETTINGS).state;
    },
    restartServer: (next: string) => {
      runId = next;
    },
  };
}

describe("healthy processes", () => {
  test("never get a verdict, however long and irregularly one looks", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 100 }), (pauses) => {
        const { look } = setup("a", "b", "c");
        expect(pauses.flatMap((afterMs) => look(afterMs))).toEqual([]);
      }),
    );
  });
});

describe("the fast verdict", () => {
  test("comes in the first look that finds all connections gone, once, with its evidence", () => {
    const { processes, look, looks } = setup("a", "b", "c");
    looks(3);
    processes[1]!.die();
    expect(look()).toEqual([
      {
        incarnation: "b",
        verdict: "crashed",
        evidence: { connectionsGone: ["b1", "b2"], others: 2, othersPresent: 2 },
      },
    ]);
    expect(looks(40)).toEqual([]);
  });

  test("comes for the only process, too", () => {
    const { processes, looks } = setup("a");
    looks(1);
    processes[0]!.die();
    expect(looks(1)).toEqual(["1: a crashed"]);
  });

  test("does not come while one connection is left", () => {
    const { processes, looks } = setup("a", "b");
    looks(1);
    processes[0]!.connected.delete("a1");
    expect(looks(30)).toEqual([]);
  });

  test("does not come after a goodbye", () => {
    const { processes, looks } = setup("a", "b");
    looks(1);
    processes[0]!.saidGoodbye = true;
    processes[0]!.connected.clear();
    expect(looks(30)).toEqual([]);
  });

  test("does not come for a process that has not registered its connections yet", () => {
    const { processes, looks } = setup("a", "b");
    processes[0]!.connections = [];
    expect(looks(30)).toEqual([]);
  });

  test("comes for a process that registered and went between two looks", () => {
    const { processes, looks } = setup("a", "b", "c");
    const [newcomer] = processes.splice(2);
    looks(3);
    newcomer!.die();
    processes.push(newcomer!);
    expect(looks(1)).toEqual(["1: c crashed"]);
  });

  test.each(["half", "all"])(
    "does not come when %s of the others went as well: the slow one finds the dead",
    (share) => {
      const { processes, looks } = setup("a", "b", "c");
      looks(1);
      processes[0]!.die();
      processes[1]!.die();
      if (share === "all") processes[2]!.connected.clear();
      expect(looks(20)).toEqual(["15: a frozen", "15: b frozen"]);
    },
  );

  test("does not come for the one that reconnects later than the others", () => {
    const { processes, looks } = setup("a", "b", "c");
    looks(1);
    processes.forEach((each) => each.connected.clear());
    looks(1);
    processes.slice(1).forEach((each) => each.connected.add(each.connections[0]!));
    expect(looks(5)).toEqual([]);
  });

  test("does not come for the one that reconnects later, though the others did so between two looks", () => {
    const { processes, looks } = setup("a", "b", "c");
    looks(1);
    processes[0]!.connected.clear();
    processes.slice(1).forEach((each) => {
      each.connections = [`${each.id}3`];
      each.connected = new Set(each.connections);
    });
    expect(looks(5)).toEqual([]);
  });

  test("is not held up by those that have only just come", () => {
    const { processes, looks } = setup("a", "b", "c", "d");
    const newcomers = processes.splice(2);
    looks(1);
    processes[0]!.die();
    processes.push(...newcomers);
    expect(looks(1)).toEqual(["1: a crashed"]);
  });

  test("counts among the others only who is not known to be dead already", () => {
    const { processes, looks } = setup("a", "b", "c", "d", "e");
    looks(1);
    const seen = [0, 1, 2, 3].flatMap((index) => {
      processes[index]!.die();
      return looks(1);
    });
    expect(seen).toEqual(["1: a crashed", "1: b crashed", "1: c crashed", "1: d crashed"]);
  });

  test("comes in one look for two of five", () => {
    const { processes, looks } = setup("a", "b", "c", "d", "e");
    looks(1);
    processes[0]!.die();
    processes[3]!.die();
    expect(looks(1)).toEqual(["1: a crashed", "1: d crashed"]);
  });

  test("does not come after a restart of the server until the process has registered with the new one", () => {
    const { processes, looks, restartServer } = setup("a", "b", "c");
    looks(3);
    restartServer("run-2");
    processes.forEach((each) => each.connected.clear());
    expect(looks(5)).toEqual([]);
    processes.forEach((each) => {
      each.runId = "run-2";
      each.connections = [`${each.id}3`];
      each.connected = new Set(each.connections);
    });
    expect(looks(5)).toEqual([]);
    processes[0]!.die();
    expect(looks(1)).toEqual(["1: a crashed"]);
  });

  test.each<[string, (hive: ReturnType<typeof setup>) => unknown]>([
    ["before the first look", () => undefined],
    ["while looks failed", ({ looks, fail }) => [looks(3), fail()]],
    ["in a gap between looks", ({ looks, processes }) => [looks(3), processes[0]!.die(), looks(1, 501)]],
  ])("does not come for a process that went %s: the slow one finds it", (_, begin) => {
    const hive = setup("a", "b");
    begin(hive);
    hive.processes[0]!.die();
    expect(hive.looks(16).map((verdict) => verdict.split(": ")[1])).toEqual(["a frozen"]);
  });
});

describe("the slow verdict", () => {
  test("comes when heartbeats stood still for the time and the looks, once, with its evidence", () => {
    const { processes, look, looks } = setup("a", "b");
    looks(3);
    processes[0]!.heartbeats = false;
    expect(looks(14)).toEqual([]);
    expect(look()).toEqual([
      { incarnation: "a", verdict: "frozen", evidence: { counter: 3, unchangedMs: 1_500, looks: 15 } },
    ]);
    expect(looks(40)).toEqual([]);
  });

  test("needs six looks, however much time they take", () => {
    const { processes, looks } = setup("a");
    looks(1, 500);
    processes[0]!.heartbeats = false;
    expect(looks(6, 500)).toEqual(["6: a frozen"]);
  });

  test("does not come if one heartbeat arrives in time", () => {
    const { processes, looks } = setup("a");
    looks(1);
    processes[0]!.heartbeats = false;
    looks(14);
    processes[0]!.heartbeats = true;
    looks(1);
    processes[0]!.heartbeats = false;
    expect(looks(14)).toEqual([]);
  });

  test("comes for a process that said goodbye and hangs", () => {
    const { processes, looks } = setup("a");
    looks(1);
    processes[0]!.saidGoodbye = true;
    processes[0]!.heartbeats = false;
    expect(looks(15)).toEqual(["15: a frozen"]);
  });

  test.each<[string, (hive: ReturnType<typeof setup>) => unknown]>([
    ["a gap in looking", ({ looks }) => looks(1, 501)],
    ["a look that failed", ({ fail, looks }) => [fail(), looks(1)]],
    ["a restart of the server", ({ restartServer, looks }) => [restartServer("run-2"), looks(1)]],
  ])("starts anew after %s", (_, disturb) => {
    const hive = setup("a");
    hive.looks(1);
    hive.processes[0]!.heartbeats = false;
    expect(hive.looks(14)).toEqual([]);
    disturb(hive);
    expect(hive.looks(14)).toEqual([]);
    expect(hive.looks(1)).toEqual(["1: a frozen"]);
  });

  test("goes on over a gap that is three of its own intervals", () => {
    const slow = { ...SETTINGS, intervalMs: 2_000 };
    const { observed } = new Process("a");
    let state = NOTHING_OBSERVED;
    const verdicts = Array.from({ length: 7 }, (_, index) => {
      const look = {
        nowMs: index * 6_000,
        runId: "run-1",
        presentConnections: new Set(["a1"]),
        incarnations: [observed],
      };
      const seen = observe(state, look, slow);
      state = seen.state;
      return seen.verdicts.map(({ verdict }) => verdict);
    });
    expect(verdicts).toEqual([[], [], [], [], [], [], ["frozen"]]);
  });

  test("is given again after a new start, since the first may not have been carried out", () => {
    const { processes, looks, fail } = setup("a");
    looks(1);
    processes[0]!.heartbeats = false;
    expect(looks(15)).toEqual(["15: a frozen"]);
    fail();
    expect(looks(16)).toEqual(["16: a frozen"]);
  });
});

describe("the verdict wedged", () => {
  test("comes when the main loop stands still while heartbeats go on, and again only after it moved", () => {
    const { processes, looks } = setup("a", "b");
    looks(1);
    processes[0]!.mainLoop = false;
    expect(looks(60)).toEqual(["15: a wedged"]);
    processes[0]!.mainLoop = true;
    expect(looks(5)).toEqual([]);
    processes[0]!.mainLoop = false;
    expect(looks(15)).toEqual(["15: a wedged"]);
  });

  test("does not keep a process from freezing or crashing afterwards", () => {
    const { processes, looks } = setup("a", "b", "c");
    looks(1);
    processes[0]!.mainLoop = false;
    processes[1]!.mainLoop = false;
    expect(looks(15)).toEqual(["15: a wedged", "15: b wedged"]);
    processes[0]!.heartbeats = false;
    processes[1]!.die();
    expect(looks(15)).toEqual(["1: b crashed", "15: a frozen"]);
  });

  test("does not come for a process that freezes as a whole", () => {
    const { processes, looks } = setup("a");
    looks(1);
    processes[0]!.mainLoop = false;
    looks(2);
    processes[0]!.heartbeats = false;
    expect(looks(30)).toEqual(["15: a frozen"]);
  });
});

describe("a store that can be read and takes no writes", () => {
  test("makes nobody look frozen, however long, nor when it takes writes again", () => {
    const { looks, beat, letStoreTakeWrites, processes } = setup("a", "b", "c");
    beat();
    looks(5);
    letStoreTakeWrites(false);
    expect(looks(100)).toEqual([]);
    letStoreTakeWrites(true);
    // The observer's own beat comes first; the others' are a look late.
    for (const each of processes) each.heartbeats = false;
    expect(looks(2)).toEqual([]);
    for (const each of processes) each.heartbeats = true;
    expect(looks(30)).toEqual([]);
  });

  test("does not hide who really froze meanwhile", () => {
    const { looks, beat, letStoreTakeWrites, processes } = setup("a", "b", "c");
    beat();
    looks(5);
    letStoreTakeWrites(false);
    looks(30);
    letStoreTakeWrites(true);
    processes[0]!.heartbeats = false;
    expect(looks(10)).toEqual(["3: a frozen"]);
  });
});
