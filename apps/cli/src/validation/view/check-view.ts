import pc from "picocolors";
import type { Check } from "../check.js";
import type { CheckObserver } from "../run-checks.js";
import { LiveView } from "./live-view.js";
import { PlainView } from "./plain-view.js";

/** Shows a run of checks while it goes on. */
export interface CheckView extends CheckObserver {
  /** One line of what is going on within a check. */
  tell(line: string): void;
  /** Resolves when all is shown; what has not begun by then stays unsaid. */
  close(): Promise<void>;
}

/** A list that redraws itself in a terminal, plain lines elsewhere and with NO_COLOR or `--no-color`, nothing beside JSON. */
export function checkViewOf(checks: readonly Pick<Check, "id" | "title">[], { json }: { json?: boolean }): CheckView {
  if (json) return SILENT;
  return process.stdout.isTTY && pc.isColorSupported ? new LiveView(checks) : new PlainView();
}

const SILENT: CheckView = {
  began: () => undefined,
  ended: () => undefined,
  tell: () => undefined,
  close: async () => undefined,
};
