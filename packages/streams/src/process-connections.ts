import type { ConnectionIdentity } from "./redis-connection.js";

/** The connections of this process that exist at the moment. */
export class ProcessConnections {
  // Client ids start again with every life of the server, so an id alone may name two.
  private readonly open = new Map<string, ConnectionIdentity>();

  add(identity: ConnectionIdentity): void {
    this.open.set(`${identity.runId}:${identity.clientId}`, identity);
  }

  remove({ runId, clientId }: ConnectionIdentity): void {
    this.open.delete(`${runId}:${clientId}`);
  }

  /** Client ids of those with this life of the server. */
  idsOf(runId: string): string[] {
    return [...this.open.values()].flatMap((identity) => (identity.runId === runId ? [identity.clientId] : [])).sort();
  }
}
