import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  assembleApplication,
  parseProductSpec,
  parseTaskOutput,
  writeApplication,
  type TaskOutput,
} from "@agent-hive/product-spec";
import { RunningApplication } from "./running-application.js";
import type { Stage } from "./stage.js";

/** The folder of the application below the output folder. */
const APPLICATION_FOLDER = "application";

const ACCOUNT = { email: "first@example.com", password: "a long enough password" };

/** Puts together what the tasks built, starts it and uses it; returns what is wrong with it, nothing if it works. */
export async function buildApplication(stage: Stage, tell: (line: string) => void): Promise<string[]> {
  const folder = join(stage.outputDir, APPLICATION_FOLDER);
  try {
    const files = assembleApplication(await outputsOf(stage));
    await rm(folder, { recursive: true, force: true });
    await writeApplication(folder, files);
    tell(`${Object.keys(files).length} files of the built application written; starting it`);
    const application = await RunningApplication.start(folder);
    try {
      return await use(application, parseProductSpec(stage.specification).name, files["openapi.json"]!);
    } finally {
      await application.stop();
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

async function outputsOf({ client, tasks, workflow }: Stage): Promise<Record<string, TaskOutput>> {
  const outputs = await Promise.all(
    tasks.map(async ({ id }) => [id, parseTaskOutput(id, await client.output(workflow.id, id))] as const),
  );
  return Object.fromEntries(outputs);
}

/** Uses the application as its first visitor: looks at the first page, registers, and asks for everything there is to list. */
async function use(application: RunningApplication, name: string, openapi: string): Promise<string[]> {
  const problems: string[] = [];
  const check = (what: string, holds: boolean): void => void (holds || problems.push(what));

  const page = await application.request("/");
  check(
    `the first page answers ${page.status} and should name "${name}"`,
    page.status === 200 && page.text.includes(name),
  );

  const registered = await application.request("/api/accounts", { method: "POST", body: ACCOUNT });
  check(
    `registering answers ${registered.status}: ${registered.text}`,
    registered.status === 201 && registered.cookie !== undefined,
  );
  const session = await application.request("/api/session", { cookie: registered.cookie });
  check(`the session answers ${session.status}`, session.status === 200 && session.text.includes(ACCOUNT.email));

  const wrong = await application.request("/api/accounts", { method: "POST", body: { ...ACCOUNT, password: "short" } });
  check(`a short password answers ${wrong.status}`, wrong.status >= 400 && wrong.status < 500);

  for (const path of listPaths(openapi)) {
    const list = await application.request(path, { cookie: registered.cookie });
    check(`${path} answers ${list.status}`, list.status === 200);
    const withoutAccount = await application.request(path);
    check(`${path} answers ${withoutAccount.status} to a visitor`, [200, 401, 403].includes(withoutAccount.status));
  }
  return problems;
}

/** The paths without parameters that can be read. */
function listPaths(openapi: string): string[] {
  const { paths } = JSON.parse(openapi) as { paths: Record<string, { get?: unknown }> };
  return Object.keys(paths).filter((path) => paths[path]!.get !== undefined && !path.includes("{"));
}
