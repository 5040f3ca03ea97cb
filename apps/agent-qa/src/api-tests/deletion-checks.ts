import assert from "node:assert/strict";
import { relationColumn, type Entity, type Relation } from "@agent-hive/product-spec";
import type { TestRun } from "../checks/run-tests.js";
import { expectProblem, expectStatus } from "../checks/test-bench.js";

/** What deleting a record does to those that refer to it, relation by relation. */
export async function checkDeletion({ bench, checklist }: TestRun, entity: Entity): Promise<void> {
  for (const relation of entity.relations.filter(({ to }) => bench.canManage(bench.entity(to)))) {
    await checklist.check(`${entity.plural}: ${DOES[relation.onDelete]} ${relation.name}`, () => check(relation));
  }

  async function check(relation: Relation): Promise<void> {
    const target = bench.entity(relation.to);
    const column = relationColumn(relation);
    const targetId = await bench.create(target);
    const id = await bench.create(entity, { [column]: targetId });
    const deleted = await bench.call("delete", target, { id: targetId });
    const record = await bench.call("read", entity, { id });
    switch (relation.onDelete) {
      case "restrict":
        expectProblem(deleted, 409);
        return expectStatus(record, 200);
      case "cascade":
        expectStatus(deleted, 204);
        return expectProblem(record, 404);
      case "clear":
        expectStatus(deleted, 204);
        return assert.equal((record.json as Record<string, unknown>)[column], null, `${column} still refers to it`);
    }
  }
}

const DOES = { restrict: "keeps from deleting its", cascade: "goes with its", clear: "outlives its" } as const;
