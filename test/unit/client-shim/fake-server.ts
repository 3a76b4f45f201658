import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Channel, type ChannelOptions } from "../../../client-shim/index.ts";
import { until } from "../../support/until.ts";

/** A frame of a client: an object of JSON, other text, or bytes. */
export type Frame = Record<string, unknown>;

/** How a fake server behaves; by default it says yes to everything. */
export interface Behaviour {
  /** What becomes of a new connection, at once behind the handshake. */
  readonly onConnect?: (connection: FakeConnection) => void;
  /** The reply to a frame with an `_id`; undefined for silence. */
  readonly reply?: (frame: Frame) => object | undefined;
  /** The HTTP status that refuses a handshake. */
  readonly refuseWith?: () => number | undefined;
}

/** One client of a fake server. */
export class FakeConnection {
  readonly socket: WebSocket;
  /** All that came, in order; bytes as a Buffer. */
  readonly received: unknown[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  /** Sends an object as JSON, and text and bytes as they are. */
  send(frame: object | string): void {
    const isPlain = typeof frame === "object" && !(frame instanceof Uint8Array);
    this.socket.send(isPlain ? JSON.stringify(frame) : (frame as string));
  }

  /** The frames that are objects and have a key. */
  with(key: string): Frame[] {
    return (this.received as Frame[]).filter((frame) => Object.hasOwn(Object(frame), key));
  }
}

/** A server that speaks as much of the plain wire as a test needs. */
export class FakeServer {
  readonly connections: FakeConnection[] = [];
  readonly port: number;
  readonly #server: WebSocketServer;

  constructor(server: WebSocketServer, { onConnect, reply = () => ({}) }: Behaviour) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => {
      const connection = new FakeConnection(socket);
      this.connections.push(connection);
      socket.on("message", (data: Buffer, isBinary) => {
        const frame = isBinary ? data : parse(data.toString());
        connection.received.push(frame);
        const { _id } = Object(frame) as Frame;
        const response = _id === undefined ? undefined : reply(frame as Frame);
        if (response) connection.send({ _re: _id, status: "ok", response, ...response });
      });
      onConnect?.(connection);
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The newest connection. */
  get last(): FakeConnection {
    const last = this.connections.at(-1);
    if (!last) throw new Error("nobody has connected");
    return last;
  }

  /** Cuts all connections off without a word. */
  cut(): void {
    for (const { socket } of this.connections) socket.terminate();
  }

  /** Harmless when repeated. */
  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Starts a fake server; it ends with the test. */
export async function startFake(behaviour: Behaviour = {}, port = 0): Promise<FakeServer> {
  const { refuseWith } = behaviour;
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port,
    verifyClient: (_info, done) => {
      const status = refuseWith?.();
      done(status === undefined, status);
    },
  });
  await once(server, "listening");
  const fake = new FakeServer(server, behaviour);
  onTestFinished(() => fake.stop());
  return fake;
}

/** A Channel that ends with the test. */
export function openChannel(url: string, options: ChannelOptions = {}): Channel {
  const channel = new Channel(url, { WebSocket, ...options });
  onTestFinished(() => channel.close());
  return channel;
}

/** A Channel that is connected to a fake server. */
export async function connectTo(fake: FakeServer, options?: ChannelOptions): Promise<Channel> {
  const channel = openChannel(fake.url, options);
  await channel.connect();
  return channel;
}

/** What the error handlers of a Channel get. */
export function errorsOf(channel: Channel): { name: string; code: string; message: string }[] {
  const errors: { name: string; code: string; message: string }[] = [];
  channel.on_error((error) => {
    errors.push(error);
  });
  return errors;
}

/** Waits until a fake server has had so many connections. */
export async function connections(fake: FakeServer, count: number): Promise<void> {
  await until(`${count} connections`, () => fake.connections.length >= count);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
