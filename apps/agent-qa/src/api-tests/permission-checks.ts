import assert from "node:assert/strict";
import { ACTIONS, ANYONE, pathOf, type Action, type Entity } from "@agent-hive/product-spec";
import type { TestRun } from "../checks/run-tests.js";

/** A number that no record has. */
const NOBODY = 999_999;

const REFUSED = [401, 403];
/** What an operation answers that no role may call: there is no such operation. */
const ABSENT = [404, 405];

/**
 * Every role and every action on every entity, against the specification. The requests that are allowed are such that
 * they change nothing: an empty record, a record that is not there.
 */
export async function checkPermissions({ spec, bench, checklist }: TestRun): Promise<void> {
  const roles = [...new Set([ANYONE, ...spec.roles.map(({ name }) => name)])];
  const exists = (action: Action, entity: Entity): boolean => roles.some((role) => bench.may(role, action, entity));

  for (const role of roles) {
    for (const entity of spec.entities) {
      await checklist.check(`permissions: ${role} on ${entity.plural}`, async () => {
        for (const action of ACTIONS) {
          for (const [method, path] of requests(action, entity)) {
            const { status } = await bench
              .as(role)
              .request(method, path, method === "GET" || method === "DELETE" ? {} : { json: {} });
            const isRefused = REFUSED.includes(status) || (!exists(action, entity) && ABSENT.includes(status));
            const expected = bench.may(role, action, entity) ? "is allowed" : "is not allowed";
            assert.equal(
              isRefused ? "is not allowed" : "is allowed",
              expected,
              `${method} ${path} answered ${status}, but ${action} ${expected}`,
            );
          }
        }
      });
    }
  }
}

function requests(action: Action, entity: Entity): [method: string, path: string][] {
  const path = `/api${pathOf(entity)}`;
  switch (action) {
    case "read":
      return [
        ["GET", path],
        ["GET", `${path}/${NOBODY}`],
      ];
    case "create":
      return [["POST", path]];
    case "update":
      return [["PUT", `${path}/${NOBODY}`]];
    case "delete":
      return [["DELETE", `${path}/${NOBODY}`]];
  }
}
