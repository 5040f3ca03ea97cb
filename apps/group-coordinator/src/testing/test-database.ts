import { randomBytes } from "node:crypto";
import pg from "pg";

const SERVER_URL = process.env["DATABASE_URL"] ?? "postgres://hive:hive@127.0.0.1:15432/postgres";

/** A database of a test's own on the test server. */
export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** Creates an empty database; `drop` cuts whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `group_coordinator_${randomBytes(6).toString("hex")}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(SERVER_URL);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
