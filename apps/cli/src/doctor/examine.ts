import { failed, skipped, type Finding } from "../validation/check.js";
import { clocksCheck } from "../validation/checks/clocks.js";
import { environmentChecks } from "../validation/checks/environment.js";
import { schemaCheck } from "../validation/checks/schema.js";
import { storeChecks } from "../validation/checks/stores.js";
import { resultOf } from "../validation/run-checks.js";
import { toMessage } from "../validation/to-message.js";
import type { CheckResult } from "../validation/validation-results.js";
import { groupsCheck, servicesCheck } from "./findings/services.js";
import { redisAccessCheck, settingsCheck } from "./findings/settings.js";
import { deadLettersCheck, overdueCheck, unknownTasksCheck } from "./findings/stuck-work.js";
import type { Examined, Patient } from "./patient.js";

/** No single look may keep who asks: a store that is away is told as such. */
const ANSWER_WITHIN_MS = 4_000;
const NO_STORES = "Nothing tells where the stores are: set DATABASE_URL and REDIS_URL, or start hive dev.";

/** Made over again with the stores of the patient. */
const overStores = (checks: readonly (typeof storeChecks)[number][]): Examined[] =>
  checks.map((check) => ({ ...check, run: ({ stores }) => check.run({ stores: stores! }) }));

const ofTheStores: Examined[] = [
  ...overStores([...storeChecks, clocksCheck, schemaCheck]),
  redisAccessCheck,
  overdueCheck,
  unknownTasksCheck,
  deadLettersCheck,
];

const ofTheRest: Examined[] = [
  settingsCheck,
  ...environmentChecks
    .filter(({ id }) => id === "node-version" || id === "free-disk")
    .map((check): Examined => ({ ...check, run: () => check.run({ stores: undefined as never }) })),
  servicesCheck,
  groupsCheck,
];

/** Looks at everything, all at once: nothing that is looked at changes by it. In the order in which it is to be read. */
export function examine(patient: Patient): Promise<CheckResult[]> {
  return Promise.all([
    ...ofTheRest.map((check) => lookAt(check, patient)),
    ...ofTheStores.map((check) => (patient.stores ? lookAt(check, patient) : resultOf(check, skipped(NO_STORES), 0))),
  ]);
}

async function lookAt(check: Examined, patient: Patient): Promise<CheckResult> {
  const began = performance.now();
  const finding = await inTime(check.run(patient));
  return resultOf(check, finding, performance.now() - began);
}

async function inTime(look: Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([look, late]);
  } catch (error) {
    return failed(
      toMessage(error),
      "It could not be looked at: see whether what it asks for is up, and at this address.",
    );
  } finally {
    clearTimeout(timer);
  }
}
