import assert from "node:assert/strict";
import { ANYONE, pathOf, type Action, type Entity, type ProductSpec } from "@agent-hive/product-spec";
import { HttpClient, type Answer } from "../browsing/http-client.js";
import type { RunningApplication } from "../running/running-application.js";
import { sampleRecord, type Sample } from "./samples.js";

export const PASSWORD = "correct horse battery";

const METHODS = { read: "GET", create: "POST", update: "PUT", delete: "DELETE" } as const;

/** A running application with an account of every role, and what the tests do with it again and again. */
export class TestBench {
  private readonly clients = new Map<string, HttpClient>();
  private samples = 0;

  constructor(
    readonly spec: ProductSpec,
    private readonly application: RunningApplication,
    private readonly signal: AbortSignal,
  ) {}

  /** A visitor that nobody knows yet. */
  visitor(): HttpClient {
    return new HttpClient(() => this.application.url, this.signal);
  }

  /** Someone with the role, logged in; the same one every time. `anyone` is not logged in. */
  as(role: string): HttpClient {
    const client = this.clients.get(role);
    if (!client) throw new Error(`nobody has the role "${role}" yet`);
    return client;
  }

  /** Registers an account for each role, the administrator first, and gives it the role. */
  async enroll(): Promise<void> {
    const { administrator, newcomer } = this.spec.accounts;
    const others = this.spec.roles.map(({ name }) => name).filter((name) => name !== administrator && name !== ANYONE);
    this.clients.set(ANYONE, this.visitor());
    for (const role of [administrator, ...others]) {
      const client = this.visitor();
      const answer = await client.request("POST", "/api/accounts", {
        json: { email: `${role}@example.com`, password: PASSWORD },
      });
      expectStatus(answer, 201);
      this.clients.set(role, client);
      if (role === administrator || role === newcomer) continue;
      const { id } = answer.json as { id: number };
      expectStatus(await this.as(administrator).request("PUT", `/api/accounts/${id}/role`, { json: { role } }), 200);
    }
  }

  /** Whether the specification lets a role do something; what anyone may, every role may. */
  may(role: string, action: Action, entity: Entity): boolean {
    const granted = (name: string): boolean =>
      this.spec.roles.find((it) => it.name === name)?.permissions[entity.name]?.includes(action) ?? false;
    return granted(role) || granted(ANYONE);
  }

  /** Someone who may do something, if anyone may. */
  whoMay(action: Action, entity: Entity): HttpClient | undefined {
    const role = [...this.clients.keys()].find((name) => this.may(name, action, entity));
    return role === undefined ? undefined : this.as(role);
  }

  /** Whether there are roles that may create a record, and read, change and delete it again. */
  canManage(entity: Entity): boolean {
    const creatable = (it: Entity): boolean =>
      this.whoMay("create", it) !== undefined &&
      it.relations.filter(({ required }) => required).every(({ to }) => creatable(this.entity(to)));
    return creatable(entity) && (["read", "update", "delete"] as const).every((action) => this.whoMay(action, entity));
  }

  entity(name: string): Entity {
    return this.spec.entities.find((it) => it.name === name)!;
  }

  /** Does something with an entity's records through the API, as someone who may. */
  call(
    action: Action,
    entity: Entity,
    { id, json, query = "" }: { id?: number; json?: unknown; query?: string } = {},
  ): Promise<Answer> {
    const path = `/api${pathOf(entity)}${id === undefined ? "" : `/${id}`}${query}`;
    const client = this.whoMay(action, entity);
    if (!client) throw new Error(`no role may ${action} ${entity.plural}`);
    return client.request(METHODS[action], path, { ...(json !== undefined && { json }) });
  }

  /** A valid record that was not there before; the records it requires are made first. */
  async sample(entity: Entity): Promise<Sample> {
    const ids = new Map<string, number>();
    for (const { to, required } of entity.relations) {
      if (required && !ids.has(to)) ids.set(to, await this.create(this.entity(to)));
    }
    return this.sampleWith(entity, ids);
  }

  /** A valid record that was not there before, which refers to the records given, by entity. */
  sampleWith(entity: Entity, ids: ReadonlyMap<string, number>): Sample {
    this.samples += 1;
    return sampleRecord(entity, this.samples, ids);
  }

  /** Makes a valid record, with changes to it, and answers with its number. */
  async create(entity: Entity, changes: Sample = {}): Promise<number> {
    const answer = await this.call("create", entity, { json: { ...(await this.sample(entity)), ...changes } });
    expectStatus(answer, 201);
    return (answer.json as { id: number }).id;
  }
}

/** Fails, with what came instead, unless an answer has the status. */
export function expectStatus(answer: { status: number; text?: string }, ...statuses: number[]): void {
  const found = `${answer.status} ${(answer.text ?? "").slice(0, 300)}`;
  assert.ok(statuses.includes(answer.status), `expected status ${statuses.join(" or ")}, got ${found}`);
}

/** Fails unless an answer is a refusal with the status, as problem details, that names the path among its errors. */
export function expectProblem(answer: Answer, status: number, path?: string): void {
  expectStatus(answer, status);
  assert.match(
    answer.headers.get("content-type") ?? "",
    /^application\/problem\+json/,
    "is not application/problem+json",
  );
  const problem = answer.json as { status?: number; detail?: string; errors?: { path: string }[] };
  assert.equal(problem.status, status, "the problem's status differs from that of the answer");
  assert.ok(problem.detail, "the problem has no detail");
  if (path === undefined) return;
  const named = (problem.errors ?? []).map((error) => error.path);
  assert.ok(named.includes(path), `the errors do not name "${path}", only: ${named.join(", ") || "nothing"}`);
}
