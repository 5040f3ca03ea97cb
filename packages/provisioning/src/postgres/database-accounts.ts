import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { scramVerifier } from "./scram.js";

/** The services that talk to PostgreSQL. */
export const DATABASE_SERVICES = ["workflow-engine", "group-coordinator", "metrics-validator"] as const;
export type DatabaseService = (typeof DATABASE_SERVICES)[number];

/** An account of PostgreSQL with the rights of a service. */
export interface DatabaseAccount {
  name: string;
  password: string;
  service: DatabaseService;
}

/**
 * Makes the accounts, or gives those that there are exactly these rights and passwords. All or none.
 *
 * @param url of the hive's database, as its owner, who may make roles. Its schema must be there (`runMigrations`).
 */
export async function makeDatabaseAccounts(url: string, accounts: readonly DatabaseAccount[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: "agent-hive-provisioning" });
  await client.connect();
  try {
    await client.query("BEGIN");
    const database = client.database!;
    await run(client, "close-to-others", database);
    for (const { name, password, service } of accounts) {
      await run(client, "make-account", name, scramVerifier(password), database);
      await run(client, service, name);
    }
    await client.query("COMMIT");
  } finally {
    await client.end(); // a transaction that is open is undone with it
  }
}

/** Names cannot be parameters of such statements: PostgreSQL's own format() quotes them. */
async function run(client: pg.Client, file: string, ...values: string[]): Promise<void> {
  const template = readFileSync(join(import.meta.dirname, "sql", `${file}.sql`), "utf8").replaceAll(/^--.*$/gm, "");
  const { rows } = await client.query<{ statements: string }>(`SELECT format($1, VARIADIC $2::text[]) AS statements`, [
    template,
    values,
  ]);
  await client.query(rows[0]!.statements);
}
