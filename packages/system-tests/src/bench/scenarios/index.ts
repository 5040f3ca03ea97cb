import { burst } from "./burst.js";
import { fanOut } from "./fan-out.js";
import { idle } from "./idle.js";
import { inFlight } from "./in-flight.js";
import { one } from "./one.js";
import { recovery } from "./recovery.js";
import type { Scenario } from "./scenario.js";

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [burst, inFlight, one, fanOut, recovery, idle];
