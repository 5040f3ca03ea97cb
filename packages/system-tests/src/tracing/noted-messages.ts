/** What the history of a run says of the messages of each workflow: counted by other code than that which writes spans. */
import { readFileSync } from "node:fs";

/** Messages by what was done with them, as spans are named, and of what kind. */
export type MessageCounts = Record<string, number>;

interface Note {
  p: string;
  n: number;
  e: string;
  of?: number;
  by?: string;
  tasks?: [taskKey: string, attempt: number, entryId?: string][];
  answers?: string[];
  results?: [taskKey: string, ...rest: unknown[]][];
  entries?: unknown[];
}

/** A message of a task; with its entry's id if it counts once however often it is noted. */
type Counted = [taskKey: string, span: string, entryId?: string];

/** What a process says that it was asked, what it answered, and how many spans that makes of each of its tasks. */
const COUNTED: Record<string, { outcome: string; of: (asked: Note, answered: Note) => Counted[] }> = {
  publish: {
    outcome: "published",
    of: ({ tasks = [] }) => tasks.map(([key]) => [key, "send workflow:dispatch"]),
  },
  route: {
    outcome: "routed",
    of: ({ tasks = [] }, { answers = [] }) =>
      tasks.flatMap(([key], index): Counted[] => {
        if (answers[index] === "lost") return [];
        const taken: Counted = [key, "process workflow:dispatch"];
        return answers[index] === "routed" ? [taken, [key, "send agent_messages"]] : [taken];
      }),
  },
  begin: {
    outcome: "begun",
    // A suspect is begun twice, the second time alone: still one delivery.
    of: ({ tasks = [] }, { answers = [] }) =>
      tasks.flatMap(([key, , entryId], index): Counted[] =>
        answers[index] === "begun" ? [[key, "process agent_messages", entryId]] : [],
      ),
  },
  complete: {
    outcome: "completed",
    of: ({ tasks = [] }, { answers = [] }) =>
      tasks.flatMap(([key], index): Counted[] =>
        answers[index] === "completed" ? [[key, "send workflow:results result"]] : [],
      ),
  },
  record: {
    outcome: "recorded",
    of: ({ entries = [], results = [] }) =>
      entries.length === 0 ? [] : results.map(([key]) => [key, "process workflow:results result"]),
  },
};

/** @param file a history, as `startRecording` writes it. @returns by workflow id. */
export function notedMessages(file: string): Map<string, MessageCounts> {
  const byWorkflow = new Map<string, MessageCounts>();
  const asked = new Map<string, Note>();
  const begun = new Set<string>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const note = JSON.parse(line) as Note;
    if (note.e in COUNTED) asked.set(`${note.p} ${note.n}`, note);
    const question = note.of === undefined ? undefined : asked.get(`${note.p} ${note.of}`);
    if (question === undefined || COUNTED[question.e]!.outcome !== note.e) continue;
    for (const [taskKey, span, entryId] of COUNTED[question.e]!.of(question, note)) {
      const delivery = `${entryId} ${question.by}`;
      if (entryId !== undefined && begun.has(delivery)) continue;
      begun.add(delivery);
      const workflowId = taskKey.split(":")[0]!;
      const counts = byWorkflow.get(workflowId) ?? {};
      counts[span] = (counts[span] ?? 0) + 1;
      byWorkflow.set(workflowId, counts);
    }
  }
  return byWorkflow;
}
