import { HiveError } from "@agent-hive/domain";

/** The idempotency key was used before for another body (I5). */
export class IdempotencyConflictError extends HiveError {
  constructor(key: string) {
    super(
      "idempotency_conflict",
      `Idempotency key "${key}" was used before with another body. Send the same body, or use a new key.`,
      { details: { key } },
    );
  }
}

/** The bytes are not those that the address names. */
export class ArtifactMismatchError extends HiveError {
  constructor(expected: string, actual: string) {
    super("artifact_mismatch", `The artifact's bytes have SHA-256 ${actual}, but its address says ${expected}.`, {
      details: { expected, actual },
    });
  }
}

/** The database was migrated by a newer release, in a way that this one cannot work with. */
export class SchemaTooNewError extends HiveError {
  constructor(ours: number, theirs: number) {
    super(
      "schema_too_new",
      `The database has schema version ${theirs}, with changes that break this release (it knows version ${ours}). ` +
        `Start the release that made them, or a newer one.`,
      { details: { ours, theirs } },
    );
  }
}

/** The schema is not this release's, and the account may not change it. */
export class SchemaForbiddenError extends HiveError {
  constructor(cause: unknown) {
    super(
      "schema_forbidden",
      "The schema in PostgreSQL is not this release's, and this account may not change it. Have the provisioner of this " +
        "release do it, which knows the owner: provisioner stores (docker compose up stores).",
      { cause },
    );
  }
}
