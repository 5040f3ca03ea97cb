import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** What PostgreSQL itself takes. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const DIGEST = "sha256";
const DIGEST_BYTES = 32;

/**
 * What PostgreSQL stores in place of a password. Sent instead of it, no log of statements ever has the password.
 *
 * @param password in ASCII, so that nothing has to be normalised.
 * @see RFC 5803, and PostgreSQL's documentation of pg_authid.rolpassword
 */
export function scramVerifier(password: string, salt = randomBytes(SALT_BYTES)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, DIGEST_BYTES, DIGEST);
  const keyOf = (name: string): Buffer => createHmac(DIGEST, salted).update(name).digest();
  const storedKey = createHash(DIGEST).update(keyOf("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${keyOf("Server Key").toString("base64")}`;
}
