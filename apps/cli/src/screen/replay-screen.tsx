import { render, useApp, useInput, useWindowSize } from "ink";
import { useEffect, useState, type ReactNode } from "react";
import { HiveScreen } from "./hive-screen.js";
import { moved, played, type Playback } from "./playback.js";
import type { Recording } from "./recording.js";
import { screenAt } from "./screen-state.js";

const REDRAWN_EVERY_MS = 100;

/** Plays a recording on one screen; resolves when whoever watches has had enough. */
export async function replayOnScreen(recording: Recording, start: Playback): Promise<void> {
  await render(<Replay recording={recording} start={start} />, { patchConsole: false }).waitUntilExit();
}

function Replay({ recording, start }: { recording: Recording; start: Playback }): ReactNode {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const [playback, setPlayback] = useState(start);
  useEffect(() => {
    const timer = setInterval(() => setPlayback((now) => played(now, REDRAWN_EVERY_MS)), REDRAWN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useInput((input, key) => {
    if (input === "q" || key.escape) exit();
    if (input === " ") setPlayback((now) => moved(now, "pause"));
    if (key.leftArrow) setPlayback((now) => moved(now, "back"));
    if (key.rightArrow) setPlayback((now) => moved(now, "on"));
    if (input === "+") setPlayback((now) => moved(now, "faster"));
    if (input === "-") setPlayback((now) => moved(now, "slower"));
  });
  const { atMs, endMs, speed, isPaused } = playback;
  const how = isPaused ? "paused" : atMs >= endMs ? "the end" : `${speed} times as fast`;
  const footer = `${how} | space: pause | ← →: 1 s | + -: speed | q: leave`;
  const state = screenAt(recording.moments, atMs);
  return <HiveScreen title={recording.header.title} state={state} columns={columns} rows={rows - 1} footer={footer} />;
}
