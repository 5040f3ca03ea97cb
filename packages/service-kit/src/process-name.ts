import { hostname } from "node:os";

/**
 * A process's name: the one that it was given, else one that no other living process of the hive has, on whichever machine.
 * Numbers of processes do not suffice: in containers they are mostly the same.
 *
 * @param most characters that there is room for.
 */
export function processName(service: string, given: string | undefined, most = 128): string {
  const place = `-${process.pid}`;
  return given ?? `${service}-${hostname()}`.slice(0, most - place.length) + place;
}
