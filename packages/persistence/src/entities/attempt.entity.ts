import { ATTEMPT_OUTCOMES, type AttemptView } from "@agent-hive/contracts";
import { Column, Entity, PrimaryColumn } from "typeorm";

/** Read only: src/sql writes. */
@Entity({ name: "attempt_history" })
export class AttemptEntity {
  @PrimaryColumn({ type: "uuid", name: "workflow_id" }) workflowId!: string;
  @PrimaryColumn({ type: "int" }) position!: number;
  @PrimaryColumn({ type: "int" }) attempt!: number;
  @PrimaryColumn({ type: "text" }) delivery!: string;
  @Column({ type: "enum", enumName: "attempt_outcome", enum: ATTEMPT_OUTCOMES }) outcome!: AttemptView["outcome"];
  @Column({ type: "text", name: "agent_id", nullable: true }) agentId!: string | null;
  @Column({ type: "text", nullable: true }) incarnation!: string | null;
  @Column({ type: "text", name: "entry_id", nullable: true }) entryId!: string | null;
  /** JSON text of a `TaskError`. */
  @Column({ type: "text", nullable: true }) error!: string | null;
  @Column({ type: "timestamptz", name: "dispatched_at", nullable: true }) dispatchedAt!: Date | null;
  @Column({ type: "timestamptz", name: "started_at", nullable: true }) startedAt!: Date | null;
  @Column({ type: "timestamptz", name: "finished_at", nullable: true }) finishedAt!: Date | null;
  @Column({ type: "double precision", name: "run_ms", nullable: true }) runMs!: number | null;
  @Column({ type: "timestamptz", name: "recorded_at" }) recordedAt!: Date;
}
