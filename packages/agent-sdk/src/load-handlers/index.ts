import type { Type } from "@nestjs/common";
import type { TaskHandler } from "../task.js";
import { Count } from "./count.js";
import { Echo } from "./echo.js";
import { Effect } from "./effect.js";
import { Fault } from "./fault.js";
import { Hash } from "./hash.js";
import { Noop } from "./noop.js";

/** Handlers that only make load or trouble; every agent has them when HIVE_LOAD_HANDLERS is true. */
export const loadHandlers: Type<TaskHandler>[] = [Noop, Echo, Hash, Count, Effect, Fault];
