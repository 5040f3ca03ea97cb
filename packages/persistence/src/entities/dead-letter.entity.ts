import { Column, Entity, PrimaryColumn } from "typeorm";

/** Read only: src/sql writes. */
@Entity({ name: "dead_letter" })
export class DeadLetterEntity {
  /** A bigint: the driver gives text. */
  @PrimaryColumn({ type: "bigint" }) id!: string;
  @Column({ type: "uuid", name: "workflow_id", nullable: true }) workflowId!: string | null;
  @Column({ type: "int", nullable: true }) position!: number | null;
  @Column({ type: "int", nullable: true }) attempt!: number | null;
  @Column({ type: "text" }) reason!: string;
  @Column({ type: "text" }) message!: string;
  @Column({ type: "text" }) stream!: string;
  @Column({ type: "text", name: "entry_id" }) entryId!: string;
  /** JSON text: the entry's fields as they were. */
  @Column({ type: "text" }) fields!: string;
  @Column({ type: "timestamptz", name: "created_at" }) createdAt!: Date;
}
