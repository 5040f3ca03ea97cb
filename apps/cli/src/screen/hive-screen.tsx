/** The one screen: phases, the graph as it fills, the groups, and what happens. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { Happening, ScreenPhase, ScreenState, ScreenTask, TaskLook } from "./screen-state.js";
import { sparkline } from "./sparkline.js";

const LEAST_COLUMNS = 72;
const LEAST_ROWS = 22;
/** Dependencies are named where there is room for them. */
const ROOM_FOR_DEPENDENCIES = 104;
/** Title, phases, headings and rate; the rest is shared by tasks, groups and happenings. */
const FRAME_ROWS = 7;
/** Of the groups; what happens is told in longer lines. */
const GROUPS_PART = 0.4;
const GROUPS_COLUMNS = 38;

const LOOKS: Record<TaskLook, { sign: string; word: string; colour?: string }> = {
  waiting: { sign: "·", word: "waits" },
  dispatched: { sign: "○", word: "on its way", colour: "cyan" },
  running: { sign: "▶", word: "runs on", colour: "blue" },
  struck: { sign: "✗", word: "lost with", colour: "red" },
  succeeded: { sign: "✓", word: "done by", colour: "green" },
  failed: { sign: "✗", word: "failed on", colour: "red" },
};

const HAPPENING_COLOURS: Record<Happening["kind"], string | undefined> = {
  crash: "red",
  claim: "yellow",
  good: "green",
  note: undefined,
};

interface ScreenProps {
  title: string;
  state: ScreenState;
  columns: number;
  rows: number;
  /** What stands at the bottom: which keys there are. */
  footer?: string;
}

export function HiveScreen({ title, state, columns, rows, footer }: ScreenProps): ReactNode {
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) {
    return (
      <Text>
        The terminal is too small to show this: {columns} x {rows}, and {LEAST_COLUMNS} x {LEAST_ROWS} are needed.
      </Text>
    );
  }
  const groupRows = Math.max(1, state.groups.length);
  const shared = rows - FRAME_ROWS - (footer === undefined ? 0 : 1);
  const taskRows = Math.max(3, Math.min(state.tasks.length, shared - groupRows));
  const happeningRows = Math.max(groupRows, shared - taskRows);
  const left = Math.max(GROUPS_COLUMNS, Math.floor(columns * GROUPS_PART));
  return (
    <Box flexDirection="column" width={columns}>
      <Header title={title} state={state} />
      <Phases state={state} columns={columns} />
      <Tasks tasks={state.tasks} rows={taskRows} columns={columns} />
      <Box>
        <Box flexDirection="column" width={left}>
          <Heading text="Groups: consumers, slots" />
          <Groups state={state} columns={left} rows={happeningRows} />
        </Box>
        <Box flexDirection="column" width={columns - left}>
          <Heading text="What happens" />
          <Happenings happenings={state.happenings} rows={happeningRows} />
        </Box>
      </Box>
      <Rate perSecond={state.perSecond} columns={columns} />
      {footer !== undefined && <Text dimColor>{footer}</Text>}
    </Box>
  );
}

const clock = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;

function Heading({ text }: { text: string }): ReactNode {
  return <Text bold>{text}</Text>;
}

function Header({ title, state }: { title: string; state: ScreenState }): ReactNode {
  const done = state.tasks.filter(({ look }) => look === "succeeded").length;
  const workflow = state.workflow ? `${state.workflow.name}: ${done} of ${state.tasks.length} tasks done` : "";
  return (
    <Box justifyContent="space-between">
      <Text bold>
        {title} <Text color="green">{workflow}</Text>
      </Text>
      <Text>{clock(state.atMs)}</Text>
    </Box>
  );
}

function Phases({ state: { phases, phaseCount, told }, columns }: { state: ScreenState; columns: number }): ReactNode {
  const current = phases.findLastIndex((phase) => phase !== undefined);
  const title = phases[current]?.title ?? "";
  return (
    <>
      <Text wrap="truncate">
        {Array.from({ length: phaseCount }, (_, index) => (
          <PhaseSign key={index} phase={phases[index]} number={index + 1} />
        ))}
        <Text bold>{title}</Text>
      </Text>
      <Text dimColor wrap="truncate">
        {told.slice(0, columns)}
      </Text>
    </>
  );
}

function PhaseSign({ phase, number }: { phase: ScreenPhase | undefined; number: number }): ReactNode {
  if (phase === undefined) return <Text dimColor>{number} · </Text>;
  if (phase.state === "began") return <Text color="blue">{number} ▶ </Text>;
  const isDone = phase.state === "done";
  return <Text color={isDone ? "green" : "red"}>{`${number} ${isDone ? "✓" : "✗"} `}</Text>;
}

function Tasks({ tasks, rows, columns }: { tasks: ScreenTask[]; rows: number; columns: number }): ReactNode {
  const shown = tasks.length > rows ? tasks.slice(0, rows - 1) : tasks;
  const width = Math.max(0, ...tasks.map(({ id, level }) => id.length + 2 * level));
  return (
    <Box flexDirection="column" marginTop={1} height={rows + 1}>
      <Heading text="Tasks, each behind those that it waits for" />
      {shown.map((task) => (
        <Task key={task.id} task={task} width={width} columns={columns} />
      ))}
      {shown.length < tasks.length && <Text dimColor>… and {tasks.length - shown.length} more</Text>}
    </Box>
  );
}

function Task({ task, width, columns }: { task: ScreenTask; width: number; columns: number }): ReactNode {
  const { sign, word, colour } = LOOKS[task.look];
  const who = task.agentId === undefined || task.look === "dispatched" ? "" : ` ${task.agentId}`;
  const lost = task.lost === 0 ? "" : `, ${task.lost === 1 ? "once" : `${task.lost} times`} lost`;
  const needs =
    task.dependsOn.length > 0 && columns >= ROOM_FOR_DEPENDENCIES ? `after ${task.dependsOn.join(", ")}` : "";
  return (
    <Text wrap="truncate">
      <Text color={colour}>{sign} </Text>
      <Text dimColor={task.look === "waiting"}>{`${"  ".repeat(task.level)}${task.id}`.padEnd(width + 2)}</Text>
      <Text color={colour} dimColor={task.look === "waiting"}>
        {`${word}${who}`.padEnd(24)}
      </Text>
      <Text color="yellow">{lost.padEnd(needs === "" ? 0 : 14)}</Text>
      <Text dimColor>{needs}</Text>
    </Text>
  );
}

function Groups({
  state: { groups },
  columns,
  rows,
}: {
  state: ScreenState;
  columns: number;
  rows: number;
}): ReactNode {
  const width = Math.max(0, ...groups.map(({ agentType }) => agentType.length));
  return groups.slice(0, rows).map(({ agentType, slots, waiting, consumers }) => {
    const busy = consumers.reduce((sum, { running }) => sum + running, 0);
    return (
      <Text key={agentType} wrap="truncate">
        {agentType.padEnd(width + 1)}
        {consumers.slice(0, Math.max(1, columns - width - 24)).map(({ agentId, running }) => (
          <Text key={agentId} color={running > 0 ? "blue" : "green"}>
            {running > 0 ? "●" : "○"}
          </Text>
        ))}
        {consumers.length === 0 && <Text color="red">nobody</Text>}
        <Text dimColor>{` ${busy} of ${slots} busy, ${waiting} wait`}</Text>
      </Text>
    );
  });
}

function Happenings({ happenings, rows }: { happenings: Happening[]; rows: number }): ReactNode {
  return happenings.slice(-rows).map(({ atMs, kind, text }, index) => (
    <Text key={index} wrap="truncate">
      <Text dimColor>{clock(atMs)} </Text>
      <Text color={HAPPENING_COLOURS[kind]}>{text}</Text>
    </Text>
  ));
}

function Rate({ perSecond, columns }: { perSecond: number[]; columns: number }): ReactNode {
  const label = "Messages each second ";
  return (
    <Text wrap="truncate">
      {label}
      <Text color="cyan">{sparkline(perSecond, columns - label.length - 12)}</Text>
      {` ${perSecond.at(-1) ?? 0}`}
    </Text>
  );
}
