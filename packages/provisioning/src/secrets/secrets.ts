import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AgentTypes, Keys } from "@agent-hive/contracts";
import { sha256Of, type ApiKeysFile, type Scope } from "@agent-hive/service-kit";
import { stringify } from "yaml";
import { accountName, holdersOf, type Holder } from "../accounts.js";
import { DATABASE_SERVICES, type DatabaseAccount } from "../postgres/database-accounts.js";
import { aclFile, type RedisAccount } from "../redis/acl.js";
import { redisRights } from "../redis/rights.js";

/** Where the stores are, as the services reach them. */
export interface StoreAddresses {
  /** `host:port/database`. */
  postgres: string;
  /** `host:port`. */
  redis: string;
}

/** Whoever looks after the hive. */
const OPERATOR = "operator";
/** The owner of the database, and the account of Redis that may do everything. */
const OWNER = "hive";
const ADMIN = "admin";

const SECRET_BYTES = 24;
/** Each folder is mounted into one container and no other, whose user may be any. */
const READABLE = 0o444;
const OWN = 0o400;

/** Everything that a hive's services and stores need to know of each other, in one folder for each of them. */
export class Secrets {
  private readonly known: Record<string, string>;

  /**
   * Reads the secrets that the folder has.
   *
   * @param folder only whoever looks after the hive may read all of it.
   */
  constructor(
    private readonly folder: string,
    private readonly stores: StoreAddresses,
    private readonly keys: Keys,
    private readonly types: AgentTypes,
  ) {
    this.known = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as Record<string, string>) : {};
  }

  /**
   * Makes the secrets that are missing, and writes what is told to each of the others; a file that is there already is
   * replaced as a whole.
   */
  write(): void {
    const files = this.files();
    write(this.file, JSON.stringify(this.known, undefined, 2), OWN);
    for (const [name, text] of Object.entries(files)) write(join(this.folder, name), text, READABLE);
  }

  /** The database, as its owner. */
  get ownerUrl(): string {
    return this.databaseUrl(OWNER);
  }

  /** Redis, with all rights. */
  get adminUrl(): string {
    return this.redisUrl(ADMIN);
  }

  /** The API key of whoever looks after the hive. */
  get operatorKey(): string {
    return this.secret("api", OPERATOR);
  }

  /** Of Grafana's "admin". */
  get grafanaPassword(): string {
    return this.secret("grafana", ADMIN);
  }

  /** Key and addresses with all rights, as YAML. */
  get operatorSettings(): string {
    return stringify({ HIVE_API_KEY: this.operatorKey, DATABASE_URL: this.ownerUrl, REDIS_URL: this.adminUrl });
  }

  databaseAccounts(): DatabaseAccount[] {
    return DATABASE_SERVICES.map((service) => ({
      name: service,
      service,
      password: this.secret("postgres", service),
    }));
  }

  private get file(): string {
    return join(this.folder, "secrets.json");
  }

  private get holders(): Holder[] {
    return holdersOf(this.types);
  }

  /** Text of each file. */
  private files(): Record<string, string> {
    const apiKeys = stringify(this.apiKeys());
    const files: Record<string, string> = {
      "postgres/password": this.secret("postgres", OWNER),
      "redis/users.acl": aclFile(this.redisAccounts()),
      "operator/settings.yaml": this.operatorSettings,
      "operator/api-key": this.operatorKey,
      "grafana/password": this.grafanaPassword,
    };
    for (const holder of this.holders) {
      const name = accountName(holder);
      files[`${name}/settings.yaml`] = stringify(this.settingsOf(holder));
      files[`${name}/api-keys.yaml`] = apiKeys;
    }
    return files;
  }

  private redisAccounts(): RedisAccount[] {
    const services = this.holders.map((holder) => ({
      name: accountName(holder),
      password: this.secret("redis", accountName(holder)),
      rights: redisRights(holder, this.keys, this.types),
    }));
    return [{ name: ADMIN, password: this.secret("redis", ADMIN) }, ...services];
  }

  private settingsOf(holder: Holder): Record<string, string> {
    const name = accountName(holder);
    return {
      REDIS_URL: this.redisUrl(name),
      ...(DATABASE_SERVICES.some((service) => service === name) && { DATABASE_URL: this.databaseUrl(name) }),
      ...("agentType" in holder && { HIVE_API_KEY: this.secret("api", name) }),
    };
  }

  /** Whoever looks after the hive may do everything; agents fetch and store what is large. */
  private apiKeys(): ApiKeysFile {
    const keyOf = (name: string, scopes: Scope[]) => ({ name, scopes, sha256: sha256Of(this.secret("api", name)) });
    const agents = this.holders.filter((holder) => "agentType" in holder).map(accountName);
    return {
      keys: [keyOf(OPERATOR, ["read", "write"]), ...agents.map((name) => keyOf(name, ["read", "artifacts"]))],
    };
  }

  private databaseUrl(account: string): string {
    return `postgres://${account}:${this.secret("postgres", account)}@${this.stores.postgres}`;
  }

  private redisUrl(account: string): string {
    return `redis://${account}:${this.secret("redis", account)}@${this.stores.redis}`;
  }

  /** Each is good for one thing: whoever learns one of them has no other. */
  private secret(purpose: "postgres" | "redis" | "api" | "grafana", name: string): string {
    return (this.known[`${purpose}/${name}`] ??= randomBytes(SECRET_BYTES).toString("hex"));
  }
}

/** Under its name there is the old text or the new one, and never a part. */
function write(file: string, text: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, text, { mode });
  renameSync(unfinished, file);
}
