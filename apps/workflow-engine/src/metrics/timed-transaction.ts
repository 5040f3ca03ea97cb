import { count, observe } from "@agent-hive/telemetry";

/** Times a transaction in PostgreSQL under this name. */
export async function timedTransaction<T>(transaction: string, work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    const result = await work;
    observe("hive_transaction_duration_seconds", { transaction }, (performance.now() - startedAt) / 1000);
    return result;
  } catch (error) {
    count("hive_transaction_failures_total", { transaction });
    throw error;
  }
}
