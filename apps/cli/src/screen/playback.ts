/** Where a replay stands, and how keys and time move it: pure. */
export interface Playback {
  atMs: number;
  endMs: number;
  /** Recorded milliseconds a millisecond. */
  speed: number;
  isPaused: boolean;
}

const JUMP_MS = 1_000;
const SPEEDS = { least: 1 / 8, most: 64 };

export type PlaybackKey = "pause" | "back" | "on" | "faster" | "slower";

/** The playback after so much time. */
export function played(playback: Playback, elapsedMs: number): Playback {
  if (playback.isPaused) return playback;
  return at(playback, playback.atMs + elapsedMs * playback.speed);
}

/** The playback after a key. */
export function moved(playback: Playback, key: PlaybackKey): Playback {
  switch (key) {
    case "pause":
      return { ...playback, isPaused: !playback.isPaused };
    case "back":
      return at(playback, playback.atMs - JUMP_MS);
    case "on":
      return at(playback, playback.atMs + JUMP_MS);
    case "faster":
      return { ...playback, speed: Math.min(SPEEDS.most, playback.speed * 2) };
    case "slower":
      return { ...playback, speed: Math.max(SPEEDS.least, playback.speed / 2) };
  }
}

const at = (playback: Playback, atMs: number): Playback => ({
  ...playback,
  atMs: Math.min(playback.endMs, Math.max(0, atMs)),
});
