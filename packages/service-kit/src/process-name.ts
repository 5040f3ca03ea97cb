import { hostname } from "node:os";

/**
 * A process's name: the one that it was given, else one that no other process of the hive has, on whichever machine. In a
 * container every process has the same id, and the host's name tells them apart; it is the same over all of its lives.
 *
 * @param most characters that there is room for.
 */
export function processName(service: string, given: string | undefined, most = 128): string {
  const place = `-${process.pid}`;
  return given ?? `${service}-${hostname()}`.slice(0, most - place.length) + place;
}
