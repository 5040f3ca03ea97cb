import { Handler } from "../handler.decorator.js";
import type { Task, TaskHandler } from "../task.js";

/** Returns its input. */
@Handler("echo")
export class Echo implements TaskHandler {
  execute(task: Task): unknown {
    return task.input;
  }
}
