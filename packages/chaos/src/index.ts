export {
  AgentCrashSimulator,
  type ActRecord,
  type AgentCrashSimulatorOptions,
  type ArmOptions,
  type Ongoing,
  type RandomActsOptions,
} from "./agent-crash-simulator.js";
export { ChaosError, type ChaosErrorCode } from "./chaos-error.js";
export { GroupAgentDirectory } from "./group-agent-directory.js";
export { NearestHand } from "./nearest-hand.js";
export {
  systemClock,
  type AgentDirectory,
  type AgentProcess,
  type ChaosClock,
  type Freeze,
  type Hand,
  type Moment,
  type MomentOrders,
  type Strike,
  type TaskMoment,
  type TaskMoments,
} from "./ports.js";
export { planRandomActs, seededRandom, type Act, type AgentRef, type PlannedAct } from "./random-acts.js";
export { RedisMomentOrders, type MomentArrival } from "./redis-moment-orders.js";
export { EventTaskMoments } from "./task-moments.js";
