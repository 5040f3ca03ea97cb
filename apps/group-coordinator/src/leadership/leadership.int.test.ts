import pg from "pg";
import { silentLogger } from "@agent-hive/telemetry";
import { createTestDatabase, cuttable, type TestDatabase, waitFor } from "@agent-hive/testing";
import { Leadership, type LeadershipOptions } from "./leadership.js";

describe("leadership by advisory lock", () => {
  let database: TestDatabase;
  const started: Leadership[] = [];

  beforeEach(async () => void (database = await createTestDatabase()));
  afterEach(async () => {
    await Promise.all(started.splice(0).map((leadership) => leadership.stop()));
    await database.drop();
  });

  const compete = (holder: string, options: Partial<LeadershipOptions> = {}): Leadership => {
    const leadership = new Leadership({
      databaseUrl: database.url,
      scope: "",
      holder: () => holder,
      highestTerm: async () => 0,
      isDead: async () => false,
      logger: silentLogger,
      ...options,
    });
    started.push(leadership);
    leadership.start();
    return leadership;
  };
  const leads = (leadership: Leadership) => waitFor("to lead", () => leadership.state.term);
  const follows = (leadership: Leadership) =>
    waitFor("to follow", () => leadership.state.connected && leadership.state.term === undefined);

  test("one leads, and when it stops another leads with a higher term", async () => {
    const first = compete("first");
    const firstTerm = await leads(first);
    const second = compete("second");
    await follows(second);
    await first.stop();
    expect(await leads(second)).toBeGreaterThan(firstTerm);
    expect(first.state).toEqual({ term: undefined, connected: false });
  });

  test("of two that start at once on a fresh database exactly one leads", async () => {
    const both = [compete("left"), compete("right")];
    const terms = await waitFor("one to lead and one to follow", () => {
      const states = both.map((each) => each.state);
      return states.every((state) => state.connected) && states.some((state) => state.term) && states;
    });
    expect(terms.filter((state) => state.term !== undefined)).toHaveLength(1);
  });

  test("hives with different prefixes lead separately in one database", async () => {
    await Promise.all([leads(compete("a", { scope: "a:" })), leads(compete("b", { scope: "b:" }))]);
  });

  test("a term is above every term that Redis has seen", async () => {
    expect(await leads(compete("restored", { highestTerm: async () => 41 }))).toBe(42);
  });

  test("while PostgreSQL is away the leader goes on with its term, and takes a new one afterwards", async () => {
    const postgres = await cuttable(database.url);
    try {
      const leader = compete("leader", { databaseUrl: postgres.url });
      const term = await leads(leader);
      postgres.cut();
      await waitFor("to notice", () => !leader.state.connected);
      expect(leader.state.term).toBe(term);
      postgres.mend();
      expect(await waitFor("a new term", () => leader.state.term !== term && leader.state.term)).toBeGreaterThan(term);
    } finally {
      await postgres.close();
    }
  });

  test("a leader that was cut off steps down when it finds another leading", async () => {
    const postgres = await cuttable(database.url);
    try {
      const cutOff = compete("cut-off", { databaseUrl: postgres.url });
      await leads(cutOff);
      postgres.cut();
      await leads(compete("successor"));
      postgres.mend();
      await follows(cutOff);
    } finally {
      await postgres.close();
    }
  });

  test("without PostgreSQL at the start it waits, and leads once it is there", async () => {
    const postgres = await cuttable(database.url);
    postgres.cut();
    try {
      const warnings: string[] = [];
      const logger = { ...silentLogger, warn: (sentence: string) => void warnings.push(sentence) };
      const patient = compete("patient", { databaseUrl: postgres.url, logger });
      await waitFor("to say so", () => warnings.length > 0);
      postgres.mend();
      await leads(patient);
      expect(warnings).toEqual(["PostgreSQL is away; leadership stays as it is"]);
    } finally {
      await postgres.close();
    }
  });

  test("the lock of a holder that was declared dead is taken from it; one that lives keeps it", async () => {
    const frozen = new pg.Client({ connectionString: database.url, application_name: "frozen" });
    frozen.on("error", () => undefined);
    await frozen.connect();
    await frozen.query("SELECT pg_advisory_lock(hashtextextended('agent-hive coordinator ', 0))");
    const dead = new Set<string>();
    const asked: string[] = [];
    const successor = compete("successor", {
      isDead: async (holder) => {
        asked.push(holder);
        return dead.has(holder);
      },
    });
    await waitFor("to ask about the holder", () => asked.length >= 2);
    expect(successor.state.term).toBeUndefined();
    dead.add("frozen");
    await leads(successor);
    expect(new Set(asked)).toEqual(new Set(["frozen"]));
  });

  test("after a restart it competes under its new name", async () => {
    let name = "before";
    const leadership = compete("", { holder: () => name });
    const term = await leads(leadership);
    name = "after";
    await leadership.restart();
    expect(await leads(leadership)).toBeGreaterThan(term);
    const client = new pg.Client(database.url);
    await client.connect();
    const { rows } = await client.query(
      "SELECT application_name AS name FROM pg_stat_activity WHERE application_name IN ('before', 'after')",
    );
    await client.end();
    expect(rows).toEqual([{ name: "after" }]);
  });
});
