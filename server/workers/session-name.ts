import { randomBytes } from "node:crypto";

/** Three bytes are four characters of base64. */
const NUMBER_BYTES = 3;
const NUMBER_CHARS = 4;
/** Socket.IO's are 20 characters; these are 24, and no easier to guess. */
const SOCKET_IO_BYTES = 18;
const SOCKET_IO_NAME = /^[A-Za-z0-9_-]{24}$/;

/**
 * Random bytes for the secret name of a session whose last characters, in base64, say which worker
 * it lives in.
 */
export function sessionBytes(worker: number, bytes: number): Buffer {
  const name = randomBytes(bytes);
  name.writeUIntBE(worker, bytes - NUMBER_BYTES, NUMBER_BYTES);
  return name;
}

/** A name for a session of Socket.IO's long-polling. */
export function socketIoSessionName(worker: number): string {
  return sessionBytes(worker, SOCKET_IO_BYTES).toString("base64url");
}

/** Whether a text has the form of such a name. */
export function isSocketIoSessionName(text: string): boolean {
  return SOCKET_IO_NAME.test(text);
}

/** The worker that a session's name speaks of, whatever its kind. Anybody can make up a name. */
export function workerOf(name: string): number {
  const number = Buffer.from(name.slice(-NUMBER_CHARS), "base64url");
  return number.byteLength === NUMBER_BYTES ? number.readUIntBE(0, NUMBER_BYTES) : 0;
}
