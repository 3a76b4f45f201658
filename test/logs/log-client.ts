import type { Reply } from "../../server/index.ts";
import { openLongPoll } from "../support/long-poll-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import type { TestServer } from "../support/server.ts";
import { connectSocketIo } from "../support/socket-io-client.ts";
import { until, within } from "../support/until.ts";

/** What a member was told, in its order: the reply to its join, or an event with its offset. */
type Told =
  | { readonly kind: "joined"; readonly reply: Reply }
  | {
      readonly kind: "event";
      readonly room: string;
      readonly event: string;
      readonly payload: unknown;
      readonly offset: number | undefined;
      /** What else the log says of it. */
      readonly marks: object;
    };

/** An event that was told. */
export type ToldEvent = Told & { readonly kind: "event" };

/** What a join's reply says of a log. */
export interface LogResponse {
  readonly recovered?: boolean;
  readonly offset: number;
  readonly epoch: string;
}

/** A client of a room with a log, over one of the ways in. */
export interface LogClient {
  /** All that it was told of rooms, presence apart. */
  readonly told: readonly Told[];
  join(room: string, params?: object): Promise<Reply>;
  push(room: string, event: string, payload: object): Promise<Reply>;
  /** Cuts the connection without a word. */
  cut(): void;
}

/** The ways in, each with its own wire. */
export const ways = ["v1", "v2", "long-poll", "socket.io", "socket.io polling", "plain"] as const;

/** One of the ways in. */
export type Way = (typeof ways)[number];

/** The events among what a client was told. */
export function eventsOf(client: LogClient): ToldEvent[] {
  return client.told.filter((told): told is ToldEvent => told.kind === "event");
}

/** Waits until a client was told so many events; gives them back. */
export async function waitForEvents(client: LogClient, count: number): Promise<ToldEvent[]> {
  return until(`${count} events`, () => {
    const events = eventsOf(client);
    return events.length >= count && events;
  });
}

/** Joins, and gives back what the reply says of the log. */
export async function joinLog(
  client: LogClient,
  room: string,
  params: object = {},
): Promise<LogResponse> {
  const { status, response } = await client.join(room, params);
  if (status !== "ok") throw new Error(JSON.stringify(response));
  return response as LogResponse;
}

/** Connects a client. */
export function connectLogClient(way: Way, server: TestServer): Promise<LogClient> {
  if (way === "plain") return connectPlainClient(server);
  if (way === "socket.io") return connectNative(server, "websocket");
  if (way === "socket.io polling") return connectNative(server, "polling");
  return connectPhoenixClient(way, server);
}

const MARK = /^_(?:sender|sequence|inreplyto|type)$/;

class Reception {
  readonly told: Told[] = [];

  joined(reply: Reply): void {
    this.told.push({ kind: "joined", reply });
  }

  event(room: string, event: string, payload: unknown, offset: unknown, marks: object = {}): void {
    if (event.startsWith("presence_")) return;
    const known = typeof offset === "number" ? offset : undefined;
    this.told.push({ kind: "event", room, event, payload, offset: known, marks });
  }

  /** An event whose marks are fields of its payload. */
  fields(room: string, event: string, fields: unknown): void {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
      this.event(room, event, fields, undefined);
      return;
    }
    const entries = Object.entries(fields).filter(([name]) => name !== "_offset");
    const isMark = ([name]: [string, unknown]): boolean => MARK.test(name);
    const marks = entries.filter(isMark).map(([name, value]) => [name.slice(1), value]);
    const payload = Object.fromEntries(entries.filter((entry) => !isMark(entry)));
    const offset: unknown = "_offset" in fields ? fields._offset : undefined;
    this.event(room, event, payload, offset, Object.fromEntries(marks));
  }
}

async function connectPlainClient(server: TestServer): Promise<LogClient> {
  const reception = new Reception();
  const client = await connectRaw(`${server.wsUrl}/ws`);
  const replies = new Map<number, (reply: Reply) => void>();
  let ids = 0;
  client.webSocket.on("message", (data: Buffer) => {
    const { _re, _room, _event = "message", ...fields } = JSON.parse(data.toString());
    if (_re === undefined) reception.fields(_room, _event, fields);
    else replies.get(_re)?.(fields);
  });
  const ask = (frame: object, onReply: (reply: Reply) => void = () => {}): Promise<Reply> => {
    ids += 1;
    const id = ids;
    client.send({ ...frame, _id: id });
    const reply = new Promise<Reply>((resolve) => {
      replies.set(id, (given) => {
        onReply(given);
        resolve(given);
      });
    });
    return within("a reply", reply);
  };
  return {
    told: reception.told,
    join: (room, params = {}) =>
      ask({ type: "_join", room, ...params }, (reply) => reception.joined(reply)),
    push: (room, event, payload) => ask({ ...payload, _event: event, _room: room }),
    cut: () => client.webSocket.terminate(),
  };
}

async function connectNative(server: TestServer, transport: string): Promise<LogClient> {
  const reception = new Reception();
  const socket = await connectSocketIo(server.url, {
    transports: [transport],
    reconnection: false,
  });
  socket.onAny((event: string, payload: unknown, meta: { room: string; offset?: number }) => {
    const { room, offset, ...marks } = meta;
    reception.event(room, event, payload, offset, marks);
  });
  return {
    told: reception.told,
    join: (room, params = {}) =>
      within(
        "a join's reply",
        new Promise<Reply>((resolve) => {
          socket.emit("join", room, params, (reply: Reply) => {
            reception.joined(reply);
            resolve(reply);
          });
        }),
      ),
    push: async (room, event, payload) =>
      (await within("a reply", socket.emitWithAck("push", room, event, payload))) as Reply,
    cut: () => socket.io.engine.close(),
  };
}

type Frame = readonly [unknown, unknown, string, string, unknown];

interface PhoenixWire {
  send(frame: Frame): void;
  cut(): void;
}

async function connectPhoenixClient(way: Way, server: TestServer): Promise<LogClient> {
  const reception = new Reception();
  const replies = new Map<string, (reply: Reply) => void>();
  const joinRefs = new Map<string, string>();
  const receive = ([, ref, topic, event, payload]: Frame): void => {
    if (event === "phx_reply") replies.get(String(ref))?.(payload as Reply);
    else reception.fields(topic, event, payload);
  };
  const wire = await (way === "long-poll"
    ? connectLongPollWire(server, receive)
    : connectSocketWire(way, server, receive));
  let refs = 0;
  const ask = (
    topic: string,
    event: string,
    payload: object,
    onReply: (reply: Reply) => void = () => {},
  ): Promise<Reply> => {
    refs += 1;
    const ref = String(refs);
    if (event === "phx_join") joinRefs.set(topic, ref);
    const reply = new Promise<Reply>((resolve) => {
      replies.set(ref, (given) => {
        onReply(given);
        resolve(given);
      });
    });
    wire.send([joinRefs.get(topic) ?? null, ref, topic, event, payload]);
    return within("a reply", reply);
  };
  return {
    told: reception.told,
    join: (room, params = {}) => ask(room, "phx_join", params, (reply) => reception.joined(reply)),
    push: (room, event, payload) => ask(room, event, payload),
    cut: () => wire.cut(),
  };
}

async function connectSocketWire(
  way: Way,
  server: TestServer,
  receive: (frame: Frame) => void,
): Promise<PhoenixWire> {
  const isV1 = way === "v1";
  const vsn = isV1 ? "1.0.0" : "2.0.0";
  const client = await connectRaw(`${server.wsUrl}/socket/websocket?vsn=${vsn}`);
  client.webSocket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString());
    const { ref, topic, event, payload } = message;
    receive(isV1 ? [null, ref, topic, event, payload] : message);
  });
  return {
    send: (frame) => {
      const [join_ref, ref, topic, event, payload] = frame;
      client.send(isV1 ? { join_ref, ref, topic, event, payload } : frame);
    },
    cut: () => client.webSocket.terminate(),
  };
}

async function connectLongPollWire(
  server: TestServer,
  receive: (frame: Frame) => void,
): Promise<PhoenixWire> {
  const client = await openLongPoll(`${server.url}/socket/longpoll?vsn=2.0.0`);
  let isCut = false;
  let sending: Promise<unknown> = Promise.resolve();
  void (async () => {
    while (!isCut) for (const frame of await client.frames()) receive(frame as Frame);
  })().catch(() => {
    // The session ends with the test; who still waits has a deadline.
  });
  return {
    send: (frame) => {
      sending = sending.then(() => client.postLines([...frame]));
    },
    cut: () => {
      isCut = true;
    },
  };
}
