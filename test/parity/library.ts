import { LongPoll, type Channel as PhoenixChannel } from "phoenix";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel } from "../../client-shim/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix, settle } from "../support/phoenix-client.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { useEventSource } from "./event-source-library.ts";
import { useColonies, usePlain, useTower } from "./protocol-libraries.ts";

/** The reply to a request, as a program sees it. */
export interface Reply {
  readonly status: string;
  readonly response: unknown;
}

/** Something that was heard in a room: event and payload. */
export type Heard = readonly [event: string, payload: unknown];

/** A real client library, with what an application does with it. */
export interface Library {
  join(room: string, params: object): Promise<Reply>;
  leave(room: string): Promise<Reply>;
  /** Undefined where its protocol has no word for it. */
  readonly push:
    | ((room: string, event: string, payload: object | Uint8Array) => Promise<Reply>)
    | undefined;
  /** Its room, where that is not the one that it is told. */
  readonly room?: string;
  /** What its protocol calls every event, where it has no names for them. */
  readonly onlyEvent?: string;
  /** All that was heard so far in the rooms that it has joined. */
  readonly heard: Heard[];
  readonly isConnected: boolean;
  /** Whether the connection comes back by itself. */
  readonly reconnects?: boolean;
  /** What an application has to do itself to be back in its room, if anything. */
  readonly comeBack: ((room: string) => Promise<Reply>) | undefined;
}

/** Connects to a port; a token is one that does not open the room. */
export type Use = (port: number, token?: string) => Promise<Library>;

/** The libraries by the heads of their columns, and what others do without one. */
export const libraries: ReadonlyMap<string, Use> = new Map<string, Use>([
  ["phoenix.js", (port) => usePhoenix(port, {})],
  ["phoenix.js, long-polling", (port) => usePhoenix(port, { transport: LongPoll })],
  ["Socket.IO", useSocketIo],
  ["room client", useChannel],
  ["plain JSON", usePlain],
  ["Tower", useTower],
  ["ColonyOS", useColonies],
  ["EventSource", useEventSource],
]);

async function usePhoenix(port: number, options: object): Promise<Library> {
  const isPolling = "transport" in options;
  const url = `${isPolling ? "http" : "ws"}://127.0.0.1:${port}/socket`;
  const socket = connectPhoenix(url, {
    ...options,
    reconnectAfterMs: () => 50,
    rejoinAfterMs: () => 50,
  });
  const channels = new Map<string, PhoenixChannel>();
  const heard: Heard[] = [];
  return {
    heard,
    comeBack: undefined,
    get isConnected() {
      return socket.isConnected();
    },
    join: (room, params) => {
      const channel = socket.channel(room, params);
      channels.set(room, channel);
      channel.onMessage = (event, payload) => {
        if (!event.startsWith("phx_reply") && !event.startsWith("chan_reply")) {
          heard.push([event, payload]);
        }
        return payload;
      };
      return joinPhoenix(channel);
    },
    leave: (room) => settle(channelOf(channels, room).leave()),
    push: (room, event, payload) => {
      const content = payload instanceof Uint8Array ? arrayBufferOf(payload) : payload;
      return pushPhoenix(channelOf(channels, room), event, content);
    },
  };
}

async function useSocketIo(port: number): Promise<Library> {
  const socket = await connectSocketIo(`http://127.0.0.1:${port}`, {
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
  });
  socket.off("connect_error");
  const heard: Heard[] = [];
  socket.onAny((event: string, payload: unknown) => heard.push([event, payload]));
  const join = (room: string, params: object): Promise<Reply> => ask(socket, "join", room, params);
  return {
    heard,
    reconnects: true,
    comeBack: (room) => join(room, {}),
    get isConnected() {
      return socket.connected;
    },
    join,
    leave: (room) => ask(socket, "leave", room),
    push: (room, event, payload) => ask(socket, "push", room, event, payload),
  };
}

async function useChannel(port: number): Promise<Library> {
  const channel = new Channel(`ws://127.0.0.1:${port}/ws`, {
    WebSocket,
    autoReconnect: true,
    reconnectDelay: 0.05,
  });
  onTestFinished(() => channel.close());
  const heard: Heard[] = [];
  channel.onMessage((message, { event }) => heard.push([event, message]));
  await channel.connect();
  const replyTo = (asked: Promise<unknown>): Promise<Reply> =>
    asked.then(
      (response) => ({ status: "ok", response }),
      ({ message, code }) => ({ status: "error", response: { reason: message, code } }),
    );
  return {
    heard,
    comeBack: undefined,
    get isConnected() {
      return channel.isConnected;
    },
    join: (room, params) => replyTo(channel.join(room, { presence: true, ...params })),
    leave: (room) => replyTo(channel.leave(room)),
    push: (room, event, payload) => replyTo(channel.push(room, event, payload)),
  };
}

function channelOf(channels: ReadonlyMap<string, PhoenixChannel>, room: string): PhoenixChannel {
  const channel = channels.get(room);
  if (channel === undefined) throw new Error(`not joined: ${room}`);
  return channel;
}

function arrayBufferOf({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
