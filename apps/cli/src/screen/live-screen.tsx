import { render, useWindowSize } from "ink";
import { useEffect, useState, type ReactNode } from "react";
import { HiveScreen } from "./hive-screen.js";
import type { RunRecording } from "./recording.js";
import { EMPTY_SCREEN, advance, type ScreenState } from "./screen-state.js";

const REDRAWN_EVERY_MS = 100;

/** Shows a run on one screen while it goes on. */
export class LiveScreen {
  private state: ScreenState = EMPTY_SCREEN;
  private readonly began = performance.now();
  private readonly app: ReturnType<typeof render>;

  constructor(title: string, recording: RunRecording) {
    recording.on((moment) => (this.state = advance(this.state, moment)));
    const look = (): ScreenState => ({ ...this.state, atMs: performance.now() - this.began });
    this.app = render(<Live title={title} look={look} />, { exitOnCtrlC: false, patchConsole: false });
  }

  /** Leaves the last screen standing, and the terminal as it was. */
  close(): void {
    this.app.unmount();
  }
}

function Live({ title, look }: { title: string; look: () => ScreenState }): ReactNode {
  const { columns, rows } = useWindowSize();
  const [state, setState] = useState(look);
  useEffect(() => {
    const timer = setInterval(() => setState(look()), REDRAWN_EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);
  return <HiveScreen title={title} state={state} columns={columns} rows={rows - 1} />;
}
