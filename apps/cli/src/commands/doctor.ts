import type { ConnectionOptions } from "../connection.js";
import { examine } from "../doctor/examine.js";
import { patientOf } from "../doctor/patient.js";
import { print, printJson } from "../terminal/print.js";
import { summarise } from "../validation/summarise.js";
import { PlainView } from "../validation/view/plain-view.js";
import { closingLines } from "../validation/view/words.js";

/** Options of `hive doctor`. */
export interface DoctorOptions extends ConnectionOptions {
  json?: boolean;
}

const NOBODY =
  "There is nothing to examine: name the stores in DATABASE_URL and REDIS_URL, or the services in HIVE_URL and " +
  "HIVE_COORDINATOR_URL, or start a hive with: hive dev";

/** Examines an installation as it stands, and changes nothing. The exit code is 0 if all that is needed holds, else 1. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const startedAt = new Date();
  const began = performance.now();
  const patient = patientOf(options);
  if (patient.stores === undefined && patient.services.length === 0) throw new Error(NOBODY);
  try {
    const checks = await examine(patient);
    const run = { checks, quick: false, interrupted: false, startedAt, durationMs: performance.now() - began };
    const results = summarise(run);
    if (options.json) printJson(results);
    else {
      const view = new PlainView();
      for (const check of checks) view.ended(check);
      print();
      for (const line of closingLines(results)) print(line);
    }
    return results.passed ? 0 : 1;
  } finally {
    await patient.stores?.close();
  }
}
