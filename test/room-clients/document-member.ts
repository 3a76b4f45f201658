import { once } from "node:events";
import { onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { until } from "../support/until.ts";

/** Another member of the rooms: a plain WebSocket. */
export class Member {
  readonly heard: unknown[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      this.heard.push(isBinary ? data : (JSON.parse(data.toString()) as unknown));
    });
  }

  /** Connects and joins; it leaves when the test ends. */
  static async join(url: string, ...rooms: readonly string[]): Promise<Member> {
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    const member = new Member(socket);
    await once(socket, "open");
    for (const room of rooms) member.say({ type: "_join", room, _id: room, binary: true });
    await until("the joins", () => member.heard.length === rooms.length);
    member.heard.length = 0;
    return member;
  }

  say(frame: unknown): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Waits until it has heard that many frames; gives and forgets them. */
  async hears(count: number): Promise<unknown[]> {
    await until(`${count} frames, of ${this.heard.length}`, () => this.heard.length >= count);
    return this.heard.splice(0);
  }
}

/** A server that sends back what it gets; it ends with the test. */
export function startEcho(): Promise<string> {
  return serve((client, data, isBinary) => client.send(data, { binary: isBinary }));
}

/** A server that agrees to everything. */
export interface Recorder {
  readonly url: string;
  /** The texts that it got. */
  readonly frames: readonly string[];
}

/** Starts a server that keeps what it gets, and answers yes; it ends with the test. */
export async function startRecorder(): Promise<Recorder> {
  const frames: string[] = [];
  const url = await serve((client, data) => {
    frames.push(data.toString());
    const { _id } = JSON.parse(data.toString()) as { readonly _id?: unknown };
    client.send(JSON.stringify({ _re: _id, status: "ok", response: {} }));
  });
  return { url, frames };
}

async function serve(
  answer: (client: WebSocket, data: Buffer, isBinary: boolean) => void,
): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (client) => {
    client.on("message", (data: Buffer, isBinary) => answer(client, data, isBinary));
  });
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return `ws://127.0.0.1:${address.port}`;
}
