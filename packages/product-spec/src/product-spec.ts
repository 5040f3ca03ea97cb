/** What may be done with an entity's records. */
export const ACTIONS = ["read", "create", "update", "delete"] as const;
export type Action = (typeof ACTIONS)[number];

/** The role of visitors without an account. It may only read. */
export const ANYONE = "anyone";

interface FieldBase {
  /** As in the specification, in snake_case; also its column. */
  name: string;
  label: string;
  required: boolean;
  unique: boolean;
}

/** A typed field of an entity, with the limits its values must keep. */
export type Field =
  | (FieldBase & { type: "text" | "longtext"; minLength: number; maxLength: number })
  | (FieldBase & { type: "integer"; min: number; max: number })
  | (FieldBase & { type: "number"; min: number; max: number; decimals: number })
  | (FieldBase & { type: "choice"; options: string[] })
  | (FieldBase & { type: "boolean" })
  | (FieldBase & { type: "email" | "date" | "datetime" });

/** A reference to one record of another entity, or of the same. */
export interface Relation {
  name: string;
  label: string;
  /** The name of the entity it refers to. */
  to: string;
  required: boolean;
  /** What deleting the other record does: refuse, delete this one too, or leave this one without it. */
  onDelete: "restrict" | "cascade" | "clear";
}

export interface Entity {
  name: string;
  /** Names its table, path and files, in snake_case. */
  plural: string;
  description: string;
  /** The field by which people recognise a record. */
  title: string;
  fields: Field[];
  relations: Relation[];
}

export interface Role {
  name: string;
  description: string;
  /** Actions by entity; entities without any are left out. */
  permissions: Record<string, Action[]>;
}

/** A product as specified: everything the agents need to build it. Everything keeps the order it was written in. */
export interface ProductSpec {
  name: string;
  description: string;
  /** The role of the first account, which may give roles to others, and the role of every later account. */
  accounts: { administrator: string; newcomer: string };
  entities: Entity[];
  roles: Role[];
}
