/**
 * Several engines at once: in each round some actions, all made for the state before it, go to stores of their own at the
 * same time. Afterwards there must be one serial order of them in which the model returns what each returned, and ends with
 * the rows that are there. Room is without limit, because filling windows takes no lock of workflows: which of two fills
 * gets a task is no matter of order (that none is taken twice is tested elsewhere).
 */
import { EMPTY_HIVE, type Hive } from "@agent-hive/domain";
import {
  type Action,
  AGENT_TYPES,
  answer,
  type Answer,
  Director,
  type HiveEvent,
} from "@agent-hive/domain/test-fixtures";
import type { HiveDatabase } from "../hive-database.js";
import { compareReturned, compareRows, HIGHEST, LOWEST, withDrawnDelays } from "./compare.js";
import { expectedReturn, expectedRows } from "./expected.js";
import { EMPTY_ALL, RowReader, type Rows } from "./read-rows.js";
import { ask, planOf, type Returned } from "./stored-hive.js";

const PLENTY = new Map(AGENT_TYPES.map((type) => [type, 1_000_000]));

/**
 * @param engines over one database that nobody else uses: it is emptied first. At least as many as a round has events.
 * @throws AssertionError if a round's outcome is that of no serial order; it says how the order of the round differs.
 */
export async function conformAtOnce(
  rounds: readonly (readonly HiveEvent[])[],
  engines: readonly HiveDatabase[],
): Promise<void> {
  const [{ pool }] = engines as [HiveDatabase];
  await pool.query(EMPTY_ALL);
  const reader = new RowReader(pool);
  await reader.start();
  const director = new Director();
  const plans = new Map<string, ReturnType<typeof planOf>>();
  let hive = EMPTY_HIVE;
  for (const [round, events] of rounds.entries()) {
    const actions = events.map((event) => withPlenty(director.direct(event, hive)));
    for (const action of actions) {
      if (action.kind === "submit") for (const start of action.workflows) plans.set(start.id, planOf(start));
    }
    const now = round + 1;
    const all = await Promise.all(
      actions.map((action, index) => ask(engines[index]!.store, engines[index]!.pool, action)),
    );
    const rows = await reader.read(now, 0);
    const attempts = permutations([...actions.keys()]).map((order) => () => {
      return inOrder(`round ${round}, order ${order.join()}`, { hive, actions, returned: all, order, rows, now });
    });
    hive = firstThatHolds(attempts);
  }

  function inOrder(where: string, tried: Tried): Hive {
    let { hive: earliest } = tried;
    let latest = earliest;
    for (const index of tried.order) {
      const action = tried.actions[index]!;
      const answered: Answer = answer(earliest, action, { now: tried.now, random: LOWEST });
      compareReturned(where, tried.returned[index]!, expectedReturn(earliest, action, answered, plans));
      earliest = answered.hive;
      latest = answer(latest, action, { now: tried.now, random: HIGHEST }).hive;
    }
    const drawn = withDrawnDelays(tried.hive, earliest, latest, tried.rows);
    compareRows(where, tried.rows, expectedRows(drawn, plans));
    return drawn;
  }
}

interface Tried {
  hive: Hive;
  actions: readonly Action[];
  returned: readonly Returned[];
  order: readonly number[];
  rows: Rows;
  now: number;
}

function withPlenty(action: Action): Action {
  return "room" in action ? { ...action, room: PLENTY } : action;
}

function firstThatHolds<T>(attempts: readonly (() => T)[]): T {
  const failures: unknown[] = [];
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) => permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}
