import { connect, type Socket } from "node:net";
import { encodeClientFrame } from "../clients/client-frame.ts";

const UPGRADED = Buffer.from("HTTP/1.1 101 ");
const JOINED = Buffer.from('"phx_reply",{"status":"ok"');
const REFUSED = Buffer.from('"phx_reply",{"status":"error"');
/** Every joiner reads into it: what was read is looked at before the next read. */
const readBuffer = Buffer.alloc(65_536);

/**
 * A Phoenix member of one or more rooms that looks for the answers to its joins and lets all else
 * go by unread: a `presence_state` may be long.
 */
export class Joiner {
  /** Resolves when all joins have been answered well. */
  readonly joined: Promise<void>;
  readonly #stream: Socket;
  readonly #fail: (error: Error) => void;
  readonly #done: () => void;
  readonly #joins: Buffer;
  /** Answers that have not come yet. */
  #missing: number;
  #isUpgraded: boolean = false;
  /** The end of what was read, which may be the start of an answer. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(port: number, name: string, rooms: readonly string[]) {
    const { promise, resolve, reject } = withResolvers();
    this.joined = promise;
    this.#done = resolve;
    this.#fail = reject;
    this.#missing = rooms.length;
    this.#joins = Buffer.concat(rooms.map((room, index) => joinOf(room, index, name)));
    this.#stream = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: readBuffer, callback: (byteLength) => this.#read(byteLength) },
    });
    this.#stream.on("error", reject);
    this.#stream.on("close", failOnClose);
    this.#stream.write(UPGRADE);
  }

  /** Cuts the connection. */
  cut(): void {
    this.#stream.off("close", failOnClose);
    this.#stream.destroy();
  }

  #read(byteLength: number): boolean {
    if (this.#missing > 0)
      this.#look(Buffer.concat([this.#tail, readBuffer.subarray(0, byteLength)]));
    return true;
  }

  #look(bytes: Buffer): void {
    if (!this.#isUpgraded) {
      if (!bytes.includes("\r\n\r\n")) {
        this.#tail = bytes;
        return;
      }
      if (bytes.indexOf(UPGRADED) !== 0) this.#fail(new Error("a node refused a connection"));
      this.#isUpgraded = true;
      this.#stream.write(this.#joins);
    }
    if (bytes.includes(REFUSED)) this.#fail(new Error("a node refused a join"));
    let from = 0;
    for (let at = bytes.indexOf(JOINED); at >= 0; at = bytes.indexOf(JOINED, from)) {
      from = at + JOINED.length;
      this.#missing -= 1;
    }
    const kept = Math.max(from, bytes.length - REFUSED.length + 1);
    this.#tail = Buffer.from(bytes.subarray(kept));
    if (this.#missing === 0) this.#done();
  }
}

/** Connects joiners, a few at a time, and resolves when all have joined. */
export async function connectJoiners(
  count: number,
  connectOne: (index: number) => Joiner,
): Promise<Joiner[]> {
  const joiners: Joiner[] = [];
  const connectNext = async (): Promise<void> => {
    while (joiners.length < count) {
      const joiner = connectOne(joiners.length);
      joiners.push(joiner);
      await joiner.joined;
    }
  };
  await Promise.all(Array.from({ length: 20 }, connectNext));
  return joiners;
}

function joinOf(room: string, index: number, name: string): Buffer {
  const ref = String(index + 1);
  return encodeClientFrame(JSON.stringify([ref, ref, room, "phx_join", { meta: { name } }]));
}

const UPGRADE = [
  "GET /socket/websocket?vsn=2.0.0 HTTP/1.1",
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n");

function withResolvers() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDone, onFail) => {
    resolve = onDone;
    reject = onFail;
  });
  return { promise, resolve, reject };
}

function failOnClose(): never {
  throw new Error("a node closed a member");
}
