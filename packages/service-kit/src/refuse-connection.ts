import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { PROBLEM_MEDIA_TYPE } from "./problem.filter.js";
import { problemOfStatus } from "./problem.js";

const BAD_REQUEST = { status: 400, detail: "This is not HTTP as it can be read." };

/** Why Node gave up on a request before there was one, by its codes. */
const REASONS: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The headers are longer than 16 KiB together. Send shorter ones." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "The request was not complete in time. Send it faster, or less." },
};

/** What is no request never gets as far as a filter: it is answered on the connection itself, as problem details too. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const { status, detail } = REASONS[error.code ?? ""] ?? BAD_REQUEST;
  const body = JSON.stringify(problemOfStatus(status, detail));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  // Closed only once it is written: a client that is still sending would lose the answer otherwise.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
