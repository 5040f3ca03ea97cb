import { nearest } from "@agent-hive/domain";
import type { TaskHandler } from "./task.js";

/** The handlers of an agent by name. */
export class HandlerRegistry {
  private readonly handlers = new Map<string, TaskHandler>();

  /** @throws Error if the name is taken. */
  add(name: string, handler: TaskHandler): void {
    const other = this.handlers.get(name);
    if (other) {
      const classes = `${other.constructor.name} and ${handler.constructor.name}`;
      throw new Error(`Two classes, ${classes}, are @Handler("${name}"); a name is given once.`);
    }
    this.handlers.set(name, handler);
  }

  get(name: string): TaskHandler | undefined {
    return this.handlers.get(name);
  }

  get names(): string[] {
    return [...this.handlers.keys()];
  }

  /** Why there is no such handler here, for whoever wrote the task. */
  explainMissing(name: string, agentType: string): string {
    const known = this.names.map((each) => `"${each}"`).join(", ");
    const near = nearest(name, this.names, 1)[0];
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    return `Agents of type "${agentType}" have no handler "${name}".${hint} Known handlers: ${known || "none"}.`;
  }
}
