import assert from "node:assert/strict";
import type { HttpClient } from "../browsing/http-client.js";
import type { TestRun } from "../checks/run-tests.js";
import { PASSWORD, expectProblem, expectStatus } from "../checks/test-bench.js";

const GUESSES_ALLOWED = 10;

/** Who gets in, who does not, and who may give roles. */
export async function checkAccounts({ spec, bench, checklist }: TestRun): Promise<void> {
  const { administrator, newcomer } = spec.accounts;
  const logIn = (client: HttpClient, email: string, password = PASSWORD) =>
    client.request("POST", "/api/session", { json: { email, password } });
  const register = (client: HttpClient, email: string, password = PASSWORD) =>
    client.request("POST", "/api/accounts", { json: { email, password } });
  const roleOf = async (client: HttpClient): Promise<string> =>
    ((await client.request("GET", "/api/session")).json as { role: string }).role;

  await checklist.check("accounts: the first one is the administrator", async () => {
    assert.equal(await roleOf(bench.as(administrator)), administrator);
  });
  await checklist.check("accounts: a later one is a newcomer, and nobody can choose a role", async () => {
    const client = bench.visitor();
    const json = { email: "climber@example.com", password: PASSWORD, role: administrator };
    expectProblem(await client.request("POST", "/api/accounts", { json }), 422, "role");
    expectStatus(await register(client, "later@example.com"), 201);
    assert.equal(await roleOf(client), newcomer);
  });
  await checklist.check("accounts: an address is registered once, in whatever case", async () => {
    expectProblem(await register(bench.visitor(), "LATER@example.com"), 409, "email");
  });
  await checklist.check("accounts: a short password is refused", async () => {
    expectProblem(await register(bench.visitor(), "short@example.com", "short"), 422, "password");
  });
  await checklist.check("accounts: passwords and their hashes are never shown", async () => {
    const answer = await bench.as(administrator).request("GET", "/api/accounts");
    expectStatus(answer, 200);
    assert.doesNotMatch(answer.text, /password|hash|scrypt/);
  });
  await checklist.check("sessions: logging in works, in whatever case the address is written", async () => {
    expectStatus(await logIn(bench.visitor(), "Later@Example.com"), 201);
  });
  await checklist.check("sessions: a wrong password and an unknown address get the same answer", async () => {
    const wrong = await logIn(bench.visitor(), "later@example.com", "not the password");
    const unknown = await logIn(bench.visitor(), "unknown@example.com", "not the password");
    expectProblem(wrong, 401);
    assert.equal(wrong.text, unknown.text);
  });
  await checklist.check("sessions: the cookie is HttpOnly, SameSite and new at every login", async () => {
    const client = bench.visitor();
    await logIn(client, "later@example.com");
    const first = client.cookie("session");
    await logIn(client, "later@example.com");
    assert.notEqual(client.cookie("session"), first);
    for (const line of client.setCookies) assert.match(line, /; HttpOnly; SameSite=(Lax|Strict)/);
  });
  await checklist.check("sessions: an invented cookie opens nothing", async () => {
    const client = bench.visitor();
    client.setCookie("session", "A".repeat(43));
    expectProblem(await client.request("GET", "/api/session"), 401);
  });
  await checklist.check("sessions: after logging out the old cookie is worthless", async () => {
    const client = bench.visitor();
    await logIn(client, "later@example.com");
    const cookie = client.cookie("session")!;
    expectStatus(await client.request("DELETE", "/api/session"), 204);
    client.setCookie("session", cookie);
    expectProblem(await client.request("GET", "/api/session"), 401);
  });
  await checklist.check("sessions: guessing is slowed down", async () => {
    for (let guess = 0; guess < GUESSES_ALLOWED; guess++)
      expectProblem(await logIn(bench.visitor(), "target@example.com", `guess number ${guess}`), 401);
    const answer = await logIn(bench.visitor(), "target@example.com", "one guess more");
    expectProblem(answer, 429);
    assert.ok(Number(answer.headers.get("retry-after")) > 0, "does not say when to try again");
  });
  await checklist.check("roles: only the administrator sees accounts and gives roles", async () => {
    const outsiders = spec.roles.map(({ name }) => name).filter((name) => name !== administrator);
    for (const client of outsiders.map((role) => bench.as(role))) {
      expectStatus(await client.request("GET", "/api/accounts"), 401, 403);
      expectStatus(await client.request("PUT", "/api/accounts/1/role", { json: { role: newcomer } }), 401, 403);
    }
  });
  await checklist.check("roles: an unknown role is refused", async () => {
    const client = bench.as(administrator);
    expectProblem(await client.request("PUT", "/api/accounts/2/role", { json: { role: "emperor" } }), 422, "role");
  });
  await checklist.check("roles: the last administrator cannot step down", async () => {
    const client = bench.as(administrator);
    expectProblem(await client.request("PUT", "/api/accounts/1/role", { json: { role: newcomer } }), 409);
    assert.equal(await roleOf(client), administrator);
  });
}
