import {
  API_LIMITS,
  type AgentTypes,
  type TaskDefinition,
  type WorkflowDefinition,
  retryPolicySchema,
} from "@agent-hive/contracts";
import {
  DependencyGraphBuilder,
  flattenPhases,
  pointer,
  type PhasedDefinition,
  type Problem,
} from "@agent-hive/domain";
import type { JsonText, PlannedTask, PlannedWorkflow } from "@agent-hive/persistence/encoding";

/** What a plan needs beside its definition: handed in, so that planning is a pure function. */
export interface PlanContext {
  agentTypes: AgentTypes;
  /** A UUID of version 7. */
  id: string;
  traceparent: string;
  tracestate?: string;
}

/** A workflow ready to be stored, or everything that is wrong with its definition. */
export type Plan = { workflow: PlannedWorkflow; problems?: undefined } | { workflow?: undefined; problems: Problem[] };

/** The retry policy and the time limit of tasks in phases, which name none. */
const PHASE_TASK_RETRY = retryPolicySchema.parse({});
const PHASE_TASK_TIMEOUT_MS = 600_000;

const builder = new DependencyGraphBuilder({ maxTasks: API_LIMITS.tasksPerWorkflow });

/** Plans a definition: tasks of its phases flattened, agent types by their canonical names, dependencies as positions. */
export function planWorkflow(definition: WorkflowDefinition, context: PlanContext): Plan {
  const listed = listTasks(definition, context.agentTypes);
  if (listed.problems) return listed;
  const knownAgentTypes = new WrittenAgentTypes(context.agentTypes);
  const { graph, problems } = builder.build({ tasks: listed.tasks }, { knownAgentTypes });
  const tooLarge = oversizedInputs(definition, listed.tasks);
  if (!graph || tooLarge.length > 0) return { problems: [...(problems ?? []), ...tooLarge] };
  const tasks = graph.tasks.map((task, position): PlannedTask => ({
    taskId: task.id,
    agentType: context.agentTypes.resolve(task.agentType)!,
    handler: task.handler ?? task.id,
    requires: task.requires,
    input: textOf(task.input),
    dependsOn: [...graph.predecessors[position]!],
    successors: [...graph.successors[position]!],
    remainingPath: graph.remainingPath[position]!,
    timeoutMs: task.timeoutMs,
    retry: task.retry,
  }));
  const { id, traceparent, tracestate } = context;
  const { name, priority } = definition;
  const trace = { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
  return { workflow: { id, name, priority, input: textOf(definition.input), ...trace, tasks } };
}

/** Agent types as people write them: `backend` and `BACKEND_ENGINEERS`, in any case. Lists only the names, for suggestions. */
class WrittenAgentTypes extends Set<string> {
  constructor(private readonly agentTypes: AgentTypes) {
    super();
    for (const name of agentTypes.names) super.add(name);
  }

  override has(written: string): boolean {
    return this.agentTypes.resolve(written) !== undefined;
  }
}

type Listed = { tasks: TaskDefinition[]; problems?: undefined } | { tasks?: undefined; problems: Problem[] };

function listTasks(definition: WorkflowDefinition, agentTypes: AgentTypes): Listed {
  if (definition.tasks) return { tasks: definition.tasks };
  const flat = flattenPhases(definition.phases as PhasedDefinition, {
    resolveAgentType: (taskId) => agentTypes.withCapability(taskId),
    knownAgentTypes: new WrittenAgentTypes(agentTypes),
  });
  if (flat.problems) return { problems: [...flat.problems] };
  const tasks = flat.tasks.map((task): TaskDefinition => ({
    ...task,
    dependsOn: task.dependsOn as string[],
    input: task.input as TaskDefinition["input"],
    requires: [],
    timeoutMs: PHASE_TASK_TIMEOUT_MS,
    retry: PHASE_TASK_RETRY,
  }));
  return { tasks };
}

/** Code of the problem that an input is larger than messages may be. */
export const INPUT_TOO_LARGE = "input_too_large";

function oversizedInputs(definition: WorkflowDefinition, tasks: TaskDefinition[]): Problem[] {
  const problems = isTooLarge(definition.input) ? [tooLarge("input", `The workflow's input`)] : [];
  tasks.forEach((task, position) => {
    if (isTooLarge(task.input))
      problems.push(tooLarge(pointer("tasks", position, "input"), `Task "${task.id}": its input`));
  });
  return problems;
}

const isTooLarge = (input: unknown): boolean => Buffer.byteLength(textOf(input) ?? "") > API_LIMITS.inputBytes;

const tooLarge = (path: string, what: string): Problem => ({
  code: INPUT_TOO_LARGE,
  path,
  message: `${what} has more than ${API_LIMITS.inputBytes} bytes of JSON. Store it as an artifact and pass its sha256.`,
});

const textOf = (input: unknown): JsonText | null => (input === undefined ? null : JSON.stringify(input));
