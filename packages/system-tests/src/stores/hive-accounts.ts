import { Redis } from "ioredis";
import pg from "pg";
import type { Keys } from "@agent-hive/contracts";
import { AGENT_SERVICES } from "@agent-hive/launcher";
import { runMigrations } from "@agent-hive/persistence";
import {
  DATABASE_SERVICES,
  accountName,
  aclRules,
  holdersOf,
  makeDatabaseAccounts,
  redisRights,
  type Holder,
} from "@agent-hive/provisioning";
import { agentTypesOf } from "@agent-hive/service-kit";

/** Of these accounts nobody has anything to hide. */
const PASSWORD = "password";

/** Accounts of one hive on stores that it shares, as an installation has them: each service can do what it needs and no more. */
export class HiveAccounts {
  private readonly types = agentTypesOf({ HIVE_LOAD_HANDLERS: true });

  /**
   * @param hive its name, which those of its accounts begin with: accounts belong to the whole server.
   * @param databaseUrl its database, as the owner.
   */
  constructor(
    private readonly hive: string,
    private readonly databaseUrl: string,
    private readonly redisUrl: string,
    private readonly keys: Keys,
  ) {}

  async make(): Promise<void> {
    await runMigrations(this.databaseUrl);
    await makeDatabaseAccounts(
      this.databaseUrl,
      DATABASE_SERVICES.map((service) => ({ name: this.nameOf({ service }), password: PASSWORD, service })),
    );
    await this.withRedis(async (redis) => {
      for (const holder of this.holders) {
        const rules = aclRules({
          name: this.nameOf(holder),
          password: PASSWORD,
          rights: redisRights(holder, this.keys, this.types),
        });
        await redis.call("ACL", "SETUSER", this.nameOf(holder), ...rules);
      }
    });
  }

  /** After its database: accounts that have rights in one cannot be dropped. */
  async drop(serverUrl: string): Promise<void> {
    await this.withRedis(async (redis) => {
      await redis.call("ACL", "DELUSER", ...this.holders.map((holder) => this.nameOf(holder)));
    });
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    for (const service of DATABASE_SERVICES) await client.query(`DROP ROLE IF EXISTS "${this.nameOf({ service })}"`);
    await client.end();
  }

  /** The addresses of the stores for a service, with its account; none for a service that has no account. */
  settingsOf(service: string): NodeJS.ProcessEnv {
    const agentType = Object.entries(AGENT_SERVICES).find(([, folder]) => folder === service)?.[0];
    const holder = this.holders.find((each) =>
      "service" in each ? each.service === service : each.agentType === agentType,
    );
    if (holder === undefined) return {};
    return {
      REDIS_URL: this.withAccount(this.redisUrl, holder),
      DATABASE_URL: this.withAccount(this.databaseUrl, holder),
    };
  }

  private get holders(): Holder[] {
    return holdersOf(this.types);
  }

  private nameOf(holder: Holder): string {
    return `${this.hive}_${accountName(holder)}`;
  }

  private withAccount(address: string, holder: Holder): string {
    const url = new URL(address);
    url.username = this.nameOf(holder);
    url.password = PASSWORD;
    return url.href;
  }

  private async withRedis(action: (redis: Redis) => Promise<void>): Promise<void> {
    const redis = new Redis(this.redisUrl);
    try {
      await action(redis);
    } finally {
      redis.disconnect();
    }
  }
}
