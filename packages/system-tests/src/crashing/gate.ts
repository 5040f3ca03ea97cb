import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Holds up every `effect` handler of processes that were started with its `env` for as long as it is closed. */
export class Gate {
  private readonly folder = mkdtempSync(join(tmpdir(), "agent-hive-gate-"));
  private readonly socket = join(this.folder, "socket");
  private readonly waiting = new Set<ServerResponse>();
  private isOpen = true;
  private readonly server = createServer((request, response) => {
    request.resume();
    if (this.isOpen) response.end();
    else this.waiting.add(response);
  });

  private constructor() {}

  static async listen(): Promise<Gate> {
    const gate = new Gate();
    await new Promise<void>((resolve, reject) => {
      gate.server.once("error", reject).listen(gate.socket, resolve);
    });
    return gate;
  }

  get env(): NodeJS.ProcessEnv {
    return { HIVE_EFFECTS_SOCKET: this.socket };
  }

  /** @returns what `act` gives, which the handlers that started meanwhile waited for. */
  async closedWhile<T>(act: () => Promise<T>): Promise<T> {
    this.isOpen = false;
    try {
      return await act();
    } finally {
      this.isOpen = true;
      for (const response of this.waiting) response.end();
      this.waiting.clear();
    }
  }

  /** Drops whoever still waits. */
  remove(): void {
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
