export { CORE_SERVICES, accountName, holdersOf, type CoreService, type Holder } from "./accounts.js";
export {
  DATABASE_SERVICES,
  makeDatabaseAccounts,
  type DatabaseAccount,
  type DatabaseService,
} from "./postgres/database-accounts.js";
export { aclFile, aclRules, type RedisAccount } from "./redis/acl.js";
export { redisRights, type Right, type Rights } from "./redis/rights.js";
export { Secrets, type StoreAddresses } from "./secrets/secrets.js";
