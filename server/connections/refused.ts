import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type Close, type CloseName, closes } from "../codes.ts";

/** Why a client may not connect: both ways of telling it. */
export interface Refused {
  /** HTTP status that refuses the upgrade. */
  readonly status: number;
  /** Body of that answer, or undefined for an empty one. */
  readonly text: string | undefined;
  /** The close, where the client is told after it was accepted. */
  readonly close: Close;
  /** Stable name of that close. */
  readonly name: CloseName;
}

const MAX_CLOSE_REASON_BYTES = 123;

/** A refusal of our own, which has an empty body as Phoenix's have. */
export function refused(name: CloseName, status = 403): Refused {
  return { status, text: undefined, close: closes[name], name };
}

/**
 * A refusal of the application's.
 *
 * @param status anything but a 4xx or 5xx counts as 403
 */
export function refusedByHook(reason: string, status = 403): Refused {
  const isError = Number.isInteger(status) && status >= 400 && status <= 599;
  const name = closeFor(isError ? status : 403);
  const close = { ...closes[name], ...(reason === "" ? {} : { reason: clip(reason) }) };
  return { status: isError ? status : 403, text: reason, close, name };
}

/** Whether a client was refused, rather than let in. */
export function isRefused(answer: object): answer is Refused {
  return "close" in answer;
}

/** Answers an upgrade with a status instead of a WebSocket. */
export function rejectUpgrade(
  stream: Duplex,
  status: number,
  text = "",
  statusText = STATUS_CODES[status] ?? "",
): void {
  stream.on("error", () => stream.destroy());
  // A peer that leaves its side open would keep the stream for ever.
  stream.once("finish", () => stream.destroy());
  const head = [
    `HTTP/1.1 ${status} ${statusText}`,
    "connection: close",
    ...(text === "" ? [] : ["content-type: text/plain; charset=utf-8"]),
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  stream.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

function closeFor(status: number): CloseName {
  if (status === 401) return "connect_unauthorized";
  return status === 429 || status >= 500 ? "connect_later" : "connect_refused";
}

/** As much of a text as a close frame holds, without half a character at its end. */
function clip(text: string): string {
  const bytes = Buffer.from(text).subarray(0, MAX_CLOSE_REASON_BYTES);
  return new TextDecoder().decode(bytes, { stream: true });
}
