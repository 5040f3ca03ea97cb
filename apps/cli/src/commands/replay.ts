import pc from "picocolors";
import { print, printJson, tell } from "../terminal/print.js";
import { readRecording, type RecordedMoment } from "../screen/recording.js";
import { screenAt } from "../screen/screen-state.js";
import { describeEvent } from "./watch.js";

export interface ReplayOptions {
  /** How many times as fast. Default 1. */
  speed: number;
  /** Where to begin, in seconds. Default 0. */
  at: number;
  json?: boolean;
}

/** Plays a recorded run on one screen; without a terminal of colours, all that happened line by line, at once. */
export async function replay(file: string, { speed, at, json }: ReplayOptions): Promise<number> {
  const recording = await readRecording(file);
  const { header, moments, isCutOff } = recording;
  const endMs = moments.at(-1)?.atMs ?? 0;
  const startMs = at * 1000;
  if (startMs > endMs) throw new Error(`--at ${at}: the recording ends after ${(endMs / 1000).toFixed(1)} s.`);
  if (isCutOff) tell(`${file}: its last line is cut off, and left out.`);
  if (json) printJson(screenAt(moments, at > 0 ? startMs : endMs));
  else if (process.stdout.isTTY && process.stdin.isTTY && pc.isColorSupported) {
    const { replayOnScreen } = await import("../screen/replay-screen.js");
    await replayOnScreen(recording, { atMs: startMs, endMs, speed, isPaused: false });
  } else {
    print(`${header.title}, ${header.startedAt}`);
    for (const moment of moments) {
      const line = moment.atMs >= startMs && describeMoment(moment);
      if (line) print(`${(moment.atMs / 1000).toFixed(2).padStart(7)} s  ${line}`);
    }
  }
  return 0;
}

/** A moment as one line; undefined for what only a screen shows. */
function describeMoment(moment: RecordedMoment): string | undefined {
  switch (moment.type) {
    case "phase":
      return `${moment.number} ${moment.title}${moment.state === "began" ? "" : `: ${moment.text || moment.state}`}`;
    case "workflow":
      return `workflow "${moment.name}" of ${moment.tasks.length} tasks`;
    case "groups":
      return undefined;
    case "event":
      return describeEvent(moment.event);
  }
}
