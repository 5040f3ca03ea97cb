import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a store that a test can cut, stall and mend. */
export interface Cuttable {
  /** The store's URL by this way. */
  url: string;
  /** Breaks all connections, and refuses new ones until it is mended. */
  cut(): void;
  /** Lets nothing through any more, either way; new connections are made and hear nothing. */
  stall(): void;
  /** Ends the near side of all connections only: the store goes on serving clients that are gone. */
  halfOpen(): void;
  /** When the near side closes one of the present connections, the store does not hear of it. */
  hideCloses(): void;
  /**
   * Lets new connections through. What was stalled stays so, as after a fail-over that forgot its connections, unless
   * they are to flow again.
   */
  mend(options?: { flowAgain?: boolean }): void;
  close(): Promise<void>;
}

/** Puts a proxy in front of the server that the URL names. */
export async function cuttable(url: string): Promise<Cuttable> {
  const target = new URL(url);
  /** Each end of a connection, and the end that it passes on to. */
  const sockets = new Map<Socket, Socket>();
  const stalled = new Set<Socket>();
  const pairs = new Map<Socket, Socket>();
  const abandoned = new Set<Socket>();
  let isCut = false;
  let isStalled = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    pairs.set(near, far);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.set(socket, other);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        stalled.delete(socket);
        pairs.delete(socket);
        if (!abandoned.has(other)) other.destroy();
      });
      if (isStalled) stalled.add(socket);
      else socket.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const way = new URL(url);
  way.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets.keys()) socket.destroy();
  };
  const halfOpen = (): void => {
    for (const [near, far] of pairs) {
      abandoned.add(far);
      near.unpipe(far);
      near.destroy();
    }
  };
  return {
    url: way.href,
    cut,
    stall: () => {
      isStalled = true;
      for (const [socket, other] of sockets) {
        stalled.add(socket);
        socket.unpipe(other);
      }
    },
    halfOpen,
    hideCloses: () => {
      for (const [near, far] of pairs) {
        abandoned.add(far);
        near.unpipe(far);
        near.pipe(far, { end: false });
      }
    },
    mend: ({ flowAgain = false } = {}) => {
      isCut = false;
      isStalled = false;
      if (!flowAgain) return;
      for (const socket of stalled) socket.pipe(sockets.get(socket)!);
      stalled.clear();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
