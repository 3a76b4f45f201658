import { Socket } from "phoenix";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { Channel, type ChannelTarget } from "../../client-shim/index.ts";
import type { Failure, Heard, OpenOptions, RoomClient, RoomClientKind } from "./room-client.ts";

const RETRY_MS = 100;

/** What a Channel is made over, and how that is released at the end. */
interface Borrowed {
  readonly target: ChannelTarget;
  release(): void;
}

/** The room client in TypeScript, over one of its carriers. */
class ShimClient implements RoomClient {
  readonly #channel: Channel;
  readonly #release: () => void;
  readonly #heard: Heard[] = [];
  readonly #errors: Failure[] = [];
  readonly #closes: number[] = [];

  constructor({ target, release }: Borrowed, options: OpenOptions) {
    this.#channel = new Channel(target, { WebSocket, ...options });
    this.#release = release;
    this.#channel.on_message((message, { room, event }) => {
      this.#heard.push({ via: "all", room, event, message });
    });
    this.#channel.on_error(({ name, message, code }) => {
      this.#errors.push({ name, message, code });
    });
    this.#channel.on_close(({ code }) => {
      this.#closes.push(code);
    });
  }

  connect = (): Promise<void> => this.#channel.connect();
  close = (): Promise<void> => this.#channel.close();
  join = (room: string, params?: object): Promise<unknown> => this.#channel.join(room, params);
  leave = (room: string): Promise<void> => this.#channel.leave(room);
  send = (message: unknown, room?: string): Promise<void> => this.#channel.send(message, room);
  push = (room: string, event: string, payload: unknown): Promise<unknown> =>
    this.#channel.push(room, event, payload);
  rooms = async (): Promise<readonly string[]> => this.#channel.get_rooms();
  state = async (): Promise<string> => this.#channel.state;
  heard = async (): Promise<readonly Heard[]> => this.#heard;
  errors = async (): Promise<readonly Failure[]> => this.#errors;
  closes = async (): Promise<readonly number[]> => this.#closes;

  async listen(room: string): Promise<void> {
    this.#channel.on_room_message(room, (message, { event }) => {
      this.#heard.push({ via: "room", room, event, message });
    });
  }

  async stop(): Promise<void> {
    await this.#channel.close();
    this.#release();
  }
}

function kind(name: string, borrow: (serverWsUrl: string) => Borrowed): RoomClientKind {
  return {
    name,
    open: async (serverWsUrl, options = {}) => new ShimClient(borrow(serverWsUrl), options),
  };
}

/** The room client over each of its carriers. */
export const shimKinds: readonly RoomClientKind[] = [
  kind("shim, plain", (url) => ({ target: `${url}/ws`, release: () => {} })),
  kind("shim, Socket.IO", (url) => {
    const target = io(url.replace("ws", "http"), {
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: RETRY_MS,
      reconnectionDelayMax: RETRY_MS,
      transports: ["websocket"],
    });
    return { target, release: () => void target.disconnect() };
  }),
  kind("shim, Phoenix", (url) => {
    const target = new Socket(`${url}/socket`, {
      transport: WebSocket as never,
      reconnectAfterMs: () => RETRY_MS,
      rejoinAfterMs: () => RETRY_MS,
    });
    return { target, release: () => target.disconnect() };
  }),
];
