/** A whole hive whose agents note every run of a handler: for what must not be run twice. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import type { ServiceSpec } from "@agent-hive/launcher";
import { TestHive } from "../test-hive.js";
import { NOTES_VARIABLE, TYPE_VARIABLE, notedRuns, type NotedRun } from "./noted-runs.js";

const AGENT_TYPES = ["left", "right"] as const;

export interface NotingHiveOptions extends Pick<NonNullable<Parameters<typeof TestHive.start>[0]>, "stores" | "env"> {
  /** The way by which the services reach the database, if it is not the straight one. */
  wayToDatabase?: (databaseUrl: string) => Promise<string>;
  /** Processes of each of the two agent types. Default 2. */
  agents?: number;
  /** Tasks at once of each process. Default 4. */
  slots?: number;
}

export class NotingHive {
  private constructor(
    readonly hive: TestHive,
    private readonly folder: string,
  ) {}

  static async start(options: NotingHiveOptions = {}): Promise<NotingHive> {
    const { agents = 2, slots = 4, env, ...others } = options;
    const folder = mkdtempSync(join(tmpdir(), "noting-hive-"));
    writeFileSync(notesIn(folder), "");
    const settings = {
      HIVE_AGENT_TYPES_FILE: join(import.meta.dirname, "agent-types.yaml"),
      HIVE_SLOTS: String(slots),
      [NOTES_VARIABLE]: notesIn(folder),
    };
    const hive = await TestHive.start({ ...others, env: { ...settings, ...env }, services: servicesWith(agents) });
    return new NotingHive(hive, folder);
  }

  /** What the agents have run so far. */
  runs(): NotedRun[] {
    return notedRuns(notesIn(this.folder));
  }

  async stop(): Promise<void> {
    await this.hive.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const notesIn = (folder: string): string => join(folder, "runs.ndjson");

function servicesWith(agents: number): ServiceSpec[] {
  const script = join(import.meta.dirname, "noting-agent.js");
  return [
    ...["workflow-engine", "group-coordinator", "router"].map((service) => ({ name: service, service })),
    ...AGENT_TYPES.flatMap((type) =>
      Array.from({ length: agents }, (_, index): ServiceSpec => {
        const name = `${type}-${index + 1}`;
        return { name, service: `agent-${type}`, script, env: { HIVE_AGENT_ID: name, [TYPE_VARIABLE]: type } };
      }),
    ),
  ];
}

/** `width` tasks of both types in parallel, each followed by one of the other type, then one that waits for all. */
export function crossing(width: number, ms = 0): WorkflowDefinitionInput {
  const at = (index: number): string => AGENT_TYPES[index % 2]!;
  const input = { ms };
  const first = Array.from({ length: width }, (_, i) => ({ id: `a${i}`, agentType: at(i), handler: "note", input }));
  const second = first.map(({ id }, i) => ({ ...first[i]!, id: `b${i}`, agentType: at(i + 1), dependsOn: [id] }));
  const last = { id: "end", agentType: at(0), handler: "note", input, dependsOn: second.map(({ id }) => id) };
  return { name: `crossing-${width}`, tasks: [...first, ...second, last] };
}
