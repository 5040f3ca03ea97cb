import { TASK_STATES, type TaskState } from "@agent-hive/contracts";
import { Column, Entity, PrimaryColumn } from "typeorm";

/** Read only: src/sql writes. Inputs, outputs and checkpoints are read by statements of their own. */
@Entity({ name: "task" })
export class TaskEntity {
  @PrimaryColumn({ type: "uuid", name: "workflow_id" }) workflowId!: string;
  @PrimaryColumn({ type: "int" }) position!: number;
  @Column({ type: "text", name: "task_id" }) taskId!: string;
  @Column({ type: "text", name: "agent_type" }) agentType!: string;
  @Column({ type: "text" }) handler!: string;
  @Column({ type: "enum", enumName: "task_state", enum: TASK_STATES }) state!: TaskState;
  @Column({ type: "int", array: true }) successors!: number[];
  @Column({ type: "int", name: "open_dependencies" }) openDependencies!: number;
  @Column({ type: "int" }) attempt!: number;
  @Column({ type: "int" }) crashes!: number;
  /** JSON text of a `TaskError`. */
  @Column({ type: "text", nullable: true }) error!: string | null;
  @Column({ type: "text", name: "artifact_sha256", nullable: true }) artifactSha256!: string | null;
  /** A bigint: the driver gives text. */
  @Column({ type: "bigint", name: "artifact_bytes", nullable: true }) artifactBytes!: string | null;
  @Column({ type: "timestamptz", name: "dispatched_at", nullable: true }) dispatchedAt!: Date | null;
  @Column({ type: "timestamptz", name: "due_at", nullable: true }) dueAt!: Date | null;
  @Column({ type: "timestamptz", name: "finished_at", nullable: true }) finishedAt!: Date | null;
}
