import assert from "node:assert/strict";
import { pathOf, relationColumn, type Entity, type Field } from "@agent-hive/product-spec";
import type { Answer } from "../browsing/http-client.js";
import type { TestRun } from "../checks/run-tests.js";
import { wrongValues, type Sample } from "../checks/samples.js";
import { expectProblem, expectStatus } from "../checks/test-bench.js";

const INJECTION = `x'); DROP TABLE "t";--`;
const NOBODY = 999_999;

/** Creating, reading, finding and changing the records of an entity, and refusing what its fields do not allow. */
export async function checkRecords({ bench, checklist }: TestRun, entity: Entity): Promise<void> {
  const check = (name: string, run: () => Promise<void>) => checklist.check(`${entity.plural}: ${name}`, run);
  const list = async (query: string): Promise<{ items: Sample[]; total: number }> => {
    const answer = await bench.call("read", entity, { query });
    expectStatus(answer, 200);
    return answer.json as { items: Sample[]; total: number };
  };

  await check("a valid record is created and read back", async () => {
    const record = await bench.sample(entity);
    const answer = await bench.call("create", entity, { json: record });
    expectStatus(answer, 201);
    const { id } = answer.json as { id: number };
    assert.equal(answer.headers.get("location"), `/api${pathOf(entity)}/${id}`);
    expectHolds(await bench.call("read", entity, { id }), record);
    assert.equal((await list("?limit=1")).items[0]?.["id"], id, "the newest record is not the first of the list");
  });
  await check("a record is replaced", async () => {
    const id = await bench.create(entity);
    const record = await bench.sample(entity);
    expectStatus(await bench.call("update", entity, { id, json: record }), 200);
    expectHolds(await bench.call("read", entity, { id }), record);
  });
  await check("a record is deleted", async () => {
    const id = await bench.create(entity);
    expectStatus(await bench.call("delete", entity, { id }), 204);
    expectProblem(await bench.call("read", entity, { id }), 404);
    expectProblem(await bench.call("delete", entity, { id }), 404);
  });
  await check("a record that is not there is 404", async () => {
    expectProblem(await bench.call("read", entity, { id: NOBODY }), 404);
    expectProblem(await bench.call("update", entity, { id: NOBODY, json: await bench.sample(entity) }), 404);
  });
  await check("the list has pages, and refuses impossible ones", async () => {
    await bench.create(entity);
    await bench.create(entity);
    const [first, second] = [await list("?limit=1"), await list("?limit=1&offset=1")];
    assert.equal(first.items.length, 1);
    assert.notEqual(first.items[0]!["id"], second.items[0]!["id"]);
    assert.ok(first.total >= 2, `total is ${first.total}`);
    for (const query of ["?limit=0", "?limit=101", "?limit=many", "?offset=-1"])
      expectProblem(await bench.call("read", entity, { query }), 400, query.slice(1).split("=")[0]);
  });
  await check("what is not known is refused", async () => {
    const json = { ...(await bench.sample(entity)), surprise: 1 };
    expectProblem(await bench.call("create", entity, { json }), 422, "surprise");
  });
  await check("everything that is wrong is named at once", async () => {
    const required = entity.fields.filter((field) => field.required && field.type !== "boolean");
    const answer = await bench.call("create", entity, { json: {} });
    if (required.length > 0) for (const { name } of required) expectProblem(answer, 422, name);
  });
  for (const field of entity.fields) {
    await check(`${field.name} refuses what is no ${field.type} within its limits`, () => refusesWrongValues(field));
    if (field.unique) await check(`${field.name} is unique`, () => isUnique(field));
  }
  const text = entity.fields.find((field) => field.type === "text" && field.maxLength >= INJECTION.length);
  if (text) await check("SQL in a text is only text", () => keepsSqlAsText(text));
  for (const relation of entity.relations) {
    await check(`${relation.name} refers to an existing ${relation.to}`, async () => {
      const column = relationColumn(relation);
      const record = await bench.sample(entity);
      expectProblem(await bench.call("create", entity, { json: { ...record, [column]: NOBODY } }), 422, column);
      expectProblem(await bench.call("create", entity, { json: { ...record, [column]: "1" } }), 422, column);
    });
  }

  async function refusesWrongValues(field: Field): Promise<void> {
    const record = await bench.sample(entity);
    const wrong = field.required && field.type !== "boolean" ? [...wrongValues(field), null] : wrongValues(field);
    for (const value of wrong) {
      const answer = await bench.call("create", entity, { json: { ...record, [field.name]: value } });
      assert.equal(answer.status, 422, `${JSON.stringify(value).slice(0, 40)} was answered with ${answer.status}`);
      expectProblem(answer, 422, field.name);
    }
  }

  async function isUnique(field: Field): Promise<void> {
    const record = await bench.sample(entity);
    expectStatus(await bench.call("create", entity, { json: record }), 201);
    const again = { ...(await bench.sample(entity)), [field.name]: record[field.name]! };
    expectProblem(await bench.call("create", entity, { json: again }), 409, field.name);
  }

  async function keepsSqlAsText(field: Field): Promise<void> {
    const id = await bench.create(entity, { [field.name]: INJECTION });
    expectHolds(await bench.call("read", entity, { id }), { [field.name]: INJECTION });
    const found = await list(`?${new URLSearchParams({ search: INJECTION }).toString()}`);
    assert.deepEqual(
      found.items.map((item) => item["id"]),
      [id],
      "searching for the text does not find the record alone",
    );
  }
}

function expectHolds(answer: Answer, record: Sample): void {
  expectStatus(answer, 200);
  const held = answer.json as Sample;
  for (const [name, value] of Object.entries(record))
    assert.deepEqual(held[name], value, `${name} is not as it was sent`);
}
