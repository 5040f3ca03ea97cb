import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a store that a test can cut and mend. */
export interface Cuttable {
  /** The store's URL by this way. */
  url: string;
  cut(): void;
  /** Ends the near side of all connections only: the store goes on serving clients that are gone. */
  halfOpen(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Puts a proxy in front of the server that the URL names. */
export async function cuttable(url: string): Promise<Cuttable> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const pairs = new Map<Socket, Socket>();
  const abandoned = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    pairs.set(near, far);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        pairs.delete(socket);
        if (!abandoned.has(other)) other.destroy();
      });
      socket.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const way = new URL(url);
  way.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
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
    halfOpen,
    mend: () => void (isCut = false),
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
