import { connect, type Socket } from "node:net";
import { decodeServerFrame, encodeClientFrame } from "./client-frame.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Greeting } from "./greeting.ts";

const END_OF_HEADERS = "\r\n\r\n";
const NOTHING = Buffer.alloc(0);
const PONG = encodeClientFrame("3");
/** Every client reads into it: what was read is handled before the next read. */
const readBuffer = Buffer.alloc(65_536);

/**
 * One WebSocket client on a bare TCP stream. It counts the messages that come, and no more, so
 * that the server and not its clients sets the pace.
 */
export class Client {
  /** Told how many messages have come, each time that some have. */
  onMessages: (count: number) => void = () => {};
  readonly #stream: Socket;
  readonly #reader = new FrameReader();
  readonly #greeting: Greeting;
  readonly #onJoined: () => void;
  /** What came of the greeting and is not complete, or undefined once it is over. */
  #early: Buffer | undefined = NOTHING;
  /** How many of the greeting's steps are done; negative until the upgrade is. */
  #stepsDone = -1;
  #pingsAnswered = 0;

  constructor(port: number, greeting: Greeting, onJoined: () => void) {
    this.#greeting = greeting;
    this.#onJoined = onJoined;
    this.#stream = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: { buffer: readBuffer, callback: (byteLength) => this.#read(byteLength) },
    });
    this.#stream.on("close", failOnClose);
    this.#stream.write(upgradeRequest(greeting.path));
  }

  /** Sends bytes that are frames already. */
  send(frames: Uint8Array): void {
    this.#stream.write(frames);
  }

  /** Cuts the connection. */
  cut(): void {
    this.#stream.off("close", failOnClose);
    this.#stream.destroy();
  }

  #read(byteLength: number): boolean {
    if (this.#early === undefined) this.#count(readBuffer, byteLength);
    else this.#greet(Buffer.concat([this.#early, readBuffer.subarray(0, byteLength)]));
    return true;
  }

  #count(bytes: Buffer, byteLength: number): void {
    const count = this.#reader.read(bytes, byteLength);
    if (count > 0) this.onMessages(count);
    if (this.#reader.pings === this.#pingsAnswered) return;
    this.#pingsAnswered = this.#reader.pings;
    this.send(PONG);
  }

  #greet(bytes: Buffer): void {
    const { steps } = this.#greeting;
    let rest = this.#stepsDone < 0 ? this.#afterHeaders(bytes) : bytes;
    while (this.#stepsDone >= 0 && this.#stepsDone < steps.length) {
      const { awaited, said } = steps[this.#stepsDone] ?? {};
      if (awaited !== undefined) {
        const frame = decodeServerFrame(rest);
        if (frame === undefined) break;
        if (!frame.text.startsWith(awaited)) throw new Error(`a server said ${frame.text}`);
        rest = rest.subarray(frame.end);
      }
      if (said !== undefined) this.send(encodeClientFrame(said));
      this.#stepsDone += 1;
    }
    this.#early = rest;
    if (this.#stepsDone === steps.length) this.#finishGreeting(rest);
  }

  #finishGreeting(rest: Buffer): void {
    this.#early = undefined;
    this.#onJoined();
    this.#count(rest, rest.length);
  }

  #afterHeaders(bytes: Buffer): Buffer {
    const at = bytes.indexOf(END_OF_HEADERS);
    if (at < 0) return bytes;
    if (!bytes.toString("latin1", 0, at).startsWith("HTTP/1.1 101 ")) {
      throw new Error(`a server refused: ${bytes.toString("latin1", 0, at)}`);
    }
    this.#stepsDone = 0;
    return bytes.subarray(at + END_OF_HEADERS.length);
  }
}

/** Connects `count` clients, a few at a time, and resolves when all have joined. */
export async function connectClients(
  port: number,
  count: number,
  greetingOf: (index: number) => Greeting,
): Promise<Client[]> {
  const clients: Client[] = [];
  const connectNext = async (): Promise<void> => {
    while (clients.length < count) {
      const greeting = greetingOf(clients.length);
      await new Promise<void>((resolve) => {
        clients.push(new Client(port, greeting, resolve));
      });
    }
  };
  await Promise.all(Array.from({ length: 50 }, connectNext));
  return clients;
}

function upgradeRequest(path: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return lines.join("\r\n") + END_OF_HEADERS;
}

function failOnClose(): never {
  throw new Error("a server closed a client");
}
