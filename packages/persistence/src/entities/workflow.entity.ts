import type { WorkflowState } from "@agent-hive/contracts";
import { Column, Entity, PrimaryColumn } from "typeorm";

/** Read only: src/sql writes. */
@Entity({ name: "workflow" })
export class WorkflowEntity {
  @PrimaryColumn({ type: "uuid" }) id!: string;
  @Column({ type: "text" }) name!: string;
  @Column({ type: "enum", enumName: "workflow_state", enum: ["running", "succeeded", "failed", "cancelled"] })
  state!: WorkflowState;
  @Column({ type: "smallint" }) priority!: number;
  @Column({ type: "int" }) total!: number;
  @Column({ type: "int" }) succeeded!: number;
  @Column({ type: "int" }) failed!: number;
  @Column({ type: "int" }) cancelled!: number;
  @Column({ type: "int" }) dead!: number;
  @Column({ type: "int", name: "failed_position", nullable: true }) failedPosition!: number | null;
  @Column({ type: "text" }) traceparent!: string;
  @Column({ type: "timestamptz", name: "created_at" }) createdAt!: Date;
  @Column({ type: "timestamptz", name: "finished_at", nullable: true }) finishedAt!: Date | null;
}
