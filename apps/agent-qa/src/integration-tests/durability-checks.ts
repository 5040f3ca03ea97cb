import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import type { TestRun } from "../checks/run-tests.js";
import { PASSWORD, expectStatus } from "../checks/test-bench.js";

/** What is left after the application stopped, and is there again when it starts. */
export async function checkDurability({ spec, bench, application, checklist, signal }: TestRun): Promise<void> {
  const readable = spec.entities.filter((entity) => bench.whoMay("read", entity));
  const everything = () =>
    Promise.all(readable.map(async (entity) => (await bench.call("read", entity, { query: "?limit=100" })).json));

  await checklist.check("durability: it stops cleanly, and starts again with all records and sessions", async () => {
    const before = await everything();
    assert.equal(await application.restart(signal), 0, "it did not stop cleanly");
    assert.deepEqual(await everything(), before);
    expectStatus(await bench.as(spec.accounts.administrator).request("GET", "/api/session"), 200);
  });
  await checklist.check("durability: the database is sound, and its references hold", async () => {
    await application.stop();
    const database = new DatabaseSync(application.databaseFile, { readOnly: true });
    try {
      const findings = database.prepare("SELECT integrity_check AS finding FROM pragma_integrity_check").all();
      assert.equal(findings.map(({ finding }) => String(finding)).join("\n"), "ok");
      const dangling = database.prepare("SELECT * FROM pragma_foreign_key_check").all();
      assert.equal(dangling.length, 0, `references lead nowhere: ${JSON.stringify(dangling)}`);
    } finally {
      database.close();
    }
  });
  await checklist.check("durability: no password and no session's token is in the database", async () => {
    const bytes = await readFile(application.databaseFile, "latin1");
    assert.ok(!bytes.includes(PASSWORD), "a password is stored as it is");
    const token = bench.as(spec.accounts.administrator).cookie("session");
    assert.ok(token && !bytes.includes(token), "a session's token is stored as it is");
  });
}
