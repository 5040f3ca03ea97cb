import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import type pg from "pg";
import type { Processes } from "./process-usage.js";

/** What is measured: the hive, or the bare pipeline that it is compared with. */
export interface Pipeline {
  /**
   * Where both keep a table `workflow` with `id`, `created_at` and `finished_at`, so that both are watched by the same
   * statements.
   */
  readonly database: pg.Pool;
  /** PostgreSQL's type of a workflow's id. */
  readonly idType: "uuid" | "bigint";
  /** Submits so many copies of a workflow in one request; resolves with their ids once they are accepted. */
  submit(definition: WorkflowDefinitionInput, count: number): Promise<string[]>;
  /** Resolves when a client that follows the workflow's events hears of its end. */
  watch?(workflowId: string): Promise<void>;
  /** Its own processes; not the stores. */
  processes(): Processes;
  stop(): Promise<void>;
}
