import type { Measurement } from "@agent-hive/measurement";
import { duration } from "../html/format.js";
import type { Criterion, Phase } from "../report-input.js";

export const PHASES: Phase[] = [
  {
    name: "System initialisation",
    state: "done",
    seconds: 3.9,
    detail: "PostgreSQL, Redis and 11 services run, each in a process of its own",
  },
  { name: "Consumer group creation", state: "done", seconds: 0.2, detail: "architects 2, backend 2, frontend 2, qa 2" },
  {
    name: "Multi-step workflow submission",
    state: "done",
    seconds: 0.1,
    detail: '"build-bookshop": 11 tasks for 4 groups',
  },
  {
    name: "Parallel execution",
    state: "done",
    seconds: 0.3,
    detail: "at once: system_design on architect-1, database_design on architect-2",
  },
  {
    name: "Agent crisis",
    state: "done",
    seconds: 5.1,
    detail: "killed architect-2, backend-1, frontend-1, qa-2; frozen backend-1",
  },
  {
    name: "Automatic recovery",
    state: "done",
    seconds: 1.2,
    detail: "5 of 5 tasks went on elsewhere; the frozen process's late result was refused",
  },
  { name: "Completion validation", state: "done", seconds: 2.4, detail: "11 of 11 tasks; the application works" },
  {
    name: "Performance metrics",
    state: "done",
    seconds: 0.4,
    detail: "memory, throughput and recovery times read from their records",
  },
];

/** The eight criteria, all met, with what the run came to. */
export function criteriaOf({ tasks, recoveries, recoveryMs: { crash, freeze } }: Measurement): Criterion[] {
  return [
    { name: "all phases done", met: true, found: "8 of 8" },
    { name: "independent tasks ran in parallel", met: true, found: "up to 4 at once" },
    { name: "groups shared the load", met: true, found: "4 of 4 groups had two or more consumers at work" },
    {
      name: "crashes did not prevent completion",
      met: true,
      found: `workflow succeeded; ${recoveries.length} of ${recoveries.length} faults bit; what it built works`,
    },
    {
      name: "running elsewhere in time",
      met: true,
      found: `crash: slowest ${duration(crash.max)} (limit 1500 ms); freeze: slowest ${duration(freeze.max)} (limit 2500 ms)`,
    },
    {
      name: "nothing lost, nothing recorded twice",
      met: true,
      found: `${tasks.length} of ${tasks.length} tasks recorded exactly once`,
    },
    {
      name: "stable under failure",
      met: true,
      found: "attempts failed: 0; late results refused: 1, of frozen processes: 1",
    },
    { name: "targets met", met: true, found: `kill to running elsewhere: p50 ${duration(crash.p50)} (target 300 ms)` },
  ];
}

export const ENVIRONMENT: Record<string, string> = {
  "Agent Hive": "0.1.0",
  "Node.js": "v24.21.0",
  PostgreSQL: "18.4; synchronous_commit on, fsync on, full_page_writes on",
  Redis: "7.4.2; appendonly yes, appendfsync everysec, maxmemory-policy noeviction",
  Machine: "2 cores, 24 GB of memory, Linux 6.1 x64",
  Clocks: "one machine; PostgreSQL's clock decides",
  Seed: "7",
};
