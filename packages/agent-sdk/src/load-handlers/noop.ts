import { Handler } from "../handler.decorator.js";
import type { TaskHandler } from "../task.js";

/** Does nothing: what is left is the hive's own cost. */
@Handler("noop")
export class Noop implements TaskHandler {
  execute(): undefined {
    return undefined;
  }
}
