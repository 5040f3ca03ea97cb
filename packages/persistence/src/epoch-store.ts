import type pg from "pg";

/** The epoch by PostgreSQL. */
export interface StoredEpoch {
  epoch: bigint;
  /** Whether Redis is known to have carried it. If not, whoever moved it on may have died before telling Redis. */
  isWritten: boolean;
}

/** The epoch that Redis should carry. */
export class EpochStore {
  constructor(private readonly pool: pg.Pool) {}

  async read(): Promise<StoredEpoch> {
    const { rows } = await this.pool.query("select epoch, epoch_written from hive_state");
    return { epoch: BigInt(rows[0].epoch), isWritten: rows[0].epoch_written };
  }

  /** Moves the epoch on by one if it is still `from`. @returns the new epoch, or null if someone else moved it. */
  async advance(from: bigint): Promise<bigint | null> {
    const { rows } = await this.pool.query(
      `update hive_state set epoch = epoch + 1, epoch_began = clock_timestamp(), epoch_written = false
       where epoch = $1 returning epoch`,
      [from.toString()],
    );
    return rows.length === 0 ? null : BigInt(rows[0].epoch);
  }

  /** Notes that Redis carries the epoch, unless it is over: if Redis has none later, its data were lost. */
  async confirm(epoch: bigint): Promise<void> {
    await this.pool.query("update hive_state set epoch_written = true where epoch = $1", [epoch.toString()]);
  }
}
