/** How figures are told: in which order, under which name, in which unit and how exactly. */
export interface FigureName {
  figure: string;
  label: string;
  digits: number;
}

export const FIGURES: Readonly<Record<string, readonly FigureName[]>> = {
  burst: [
    { figure: "messagesPerSecond", label: "messages/s", digits: 0 },
    { figure: "tasksPerSecond", label: "tasks/s", digits: 0 },
    { figure: "workflowsPerSecond", label: "workflows/s", digits: 0 },
    { figure: "p50Ms", label: "created → finished p50, ms", digits: 0 },
    { figure: "p99Ms", label: "created → finished p99, ms", digits: 0 },
  ],
  "in-flight": [
    { figure: "tasksPerSecond", label: "tasks/s", digits: 0 },
    { figure: "p50Ms", label: "submit → seen finished p50, ms", digits: 1 },
    { figure: "p99Ms", label: "submit → seen finished p99, ms", digits: 1 },
    { figure: "storedP50Ms", label: "created → finished p50, ms", digits: 1 },
    { figure: "storedP99Ms", label: "created → finished p99, ms", digits: 1 },
  ],
  one: [
    { figure: "p50Ms", label: "submit → seen finished p50, ms", digits: 1 },
    { figure: "p99Ms", label: "submit → seen finished p99, ms", digits: 1 },
    { figure: "storedP50Ms", label: "created → finished p50, ms", digits: 1 },
    { figure: "storedP99Ms", label: "created → finished p99, ms", digits: 1 },
    { figure: "watchedP50Ms", label: "submit → event of the end p50, ms", digits: 1 },
    { figure: "watchedP99Ms", label: "submit → event of the end p99, ms", digits: 1 },
  ],
  "fan-out": [
    { figure: "p50Ms", label: "submit → seen finished p50, ms", digits: 0 },
    { figure: "worstMs", label: "submit → seen finished, worst, ms", digits: 0 },
  ],
  recovery: [
    { figure: "p50Ms", label: "kill → running elsewhere p50, ms", digits: 0 },
    { figure: "p99Ms", label: "kill → running elsewhere p99, ms", digits: 0 },
    { figure: "recovered", label: "started tasks that were recovered", digits: 0 },
    { figure: "throughputAfterKillPercent", label: "throughput after a kill, % of before", digits: 0 },
  ],
  idle: [
    { figure: "servicesCpuPercent", label: "CPU of the services, % of a core", digits: 1 },
    { figure: "storesCpuPercent", label: "CPU of the stores, % of a core", digits: 1 },
    { figure: "redisCommandsPerSecond", label: "Redis commands/s", digits: 0 },
    { figure: "postgresqlTransactionsPerSecond", label: "PostgreSQL transactions/s", digits: 0 },
  ],
};
