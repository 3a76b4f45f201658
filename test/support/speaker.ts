import type { Reply } from "../../server/index.ts";
import { connectWire, type Frame, type WireName, wireNames } from "./phoenix-wire.ts";
import { connectPlain } from "./plain-client.ts";
import type { TestServer } from "./server.ts";
import { connectSocketIo } from "./socket-io-client.ts";
import { until, within } from "./until.ts";

/** An event as a client hears it: room, event, payload. */
type Heard = readonly [unknown, unknown, unknown];

/** A client of the room contract, whatever it speaks. */
export interface Speaker {
  join(room: string, params: object): Promise<Reply>;
  leave(room: string): Promise<Reply>;
  push(room: string, event: string, payload: object): Promise<Reply>;
  /** Pushes without waiting for a reply, which may never come. */
  send(room: string, event: string, payload: object): void;
  /** The next event that has not been taken yet. */
  next(): Promise<Heard>;
  /** Whether a leave of its own is followed by `phx_close`. */
  readonly hearsOwnLeave: boolean;
}

/** Every dialect, over each of its transports. */
export type SpeakerName = WireName | "socket.io" | "socket.io polling" | "plain";

export const speakerNames: readonly SpeakerName[] = [
  ...wireNames,
  "socket.io",
  "socket.io polling",
  "plain",
];

/** Connects a client that speaks one of the dialects. */
export function speak(name: SpeakerName, server: TestServer): Promise<Speaker> {
  if (name === "socket.io") return speakSocketIo(server, "websocket");
  if (name === "socket.io polling") return speakSocketIo(server, "polling");
  return name === "plain" ? speakPlain(server) : speakPhoenix(name, server);
}

async function speakPlain(server: TestServer): Promise<Speaker> {
  const client = await connectPlain(server);
  const events = new Queue<Heard>();
  const replies = new Map<number, (reply: Reply) => void>();
  client.webSocket.on("message", (data: Buffer) => {
    const { _re, _room, _event = "message", ...fields } = JSON.parse(data.toString());
    if (_re !== undefined) replies.get(_re)?.(fields);
    else events.add([_room, _event, _event.startsWith("presence_") ? fields.data : fields]);
  });
  let ids = 0;
  const ask = (frame: object): Promise<Reply> => {
    ids += 1;
    const id = ids;
    client.send({ ...frame, _id: id });
    return within("a reply", new Promise<Reply>((resolve) => replies.set(id, resolve)));
  };
  return {
    join: (room, params) => ask({ type: "_join", room, presence: true, ...params }),
    leave: (room) => ask({ type: "_leave", room }),
    push: (room, event, payload) => ask({ ...payload, _event: event, _room: room }),
    send: (room, event, payload) => client.send({ ...payload, _event: event, _room: room }),
    next: () => events.take(),
    hearsOwnLeave: false,
  };
}

async function speakSocketIo(server: TestServer, transport: string): Promise<Speaker> {
  const socket = await connectSocketIo(server.url, { transports: [transport] });
  const events = new Queue<Heard>();
  socket.onAny((event: string, payload: unknown, meta: { room: string }) => {
    events.add([meta.room, event, payload]);
  });
  const ask = async (request: string, ...args: unknown[]): Promise<Reply> =>
    (await socket.emitWithAck(request, ...args)) as Reply;
  return {
    join: (room, params) => ask("join", room, params),
    leave: (room) => ask("leave", room),
    push: (room, event, payload) => ask("push", room, event, payload),
    send: (room, event, payload) => void socket.emit("push", room, event, payload),
    next: () => events.take(),
    hearsOwnLeave: true,
  };
}

async function speakPhoenix(name: WireName, server: TestServer): Promise<Speaker> {
  const wire = await connectWire(name, server);
  const events = new Queue<Heard>();
  const replies = new Map<string, (reply: Reply) => void>();
  const joinRefs = new Map<string, string>();
  let refs = 0;
  const receive = ([, ref, topic, event, payload]: Frame): void => {
    if (event === "phx_reply") replies.get(String(ref))?.(payload as Reply);
    else events.add([topic, event, payload]);
  };
  void (async () => {
    for (;;) receive(await wire.next());
  })().catch(() => {
    // The connection ends with the test; who still waits has a deadline.
  });
  const ask = async (room: string, event: string, payload: object): Promise<Reply> => {
    refs += 1;
    const ref = String(refs);
    if (event === "phx_join") joinRefs.set(room, ref);
    const reply = new Promise<Reply>((resolve) => replies.set(ref, resolve));
    await wire.send([joinRefs.get(room) ?? null, ref, room, event, payload]);
    return reply;
  };
  return {
    join: (room, params) => within("a join's reply", ask(room, "phx_join", params)),
    leave: (room) => within("a leave's reply", ask(room, "phx_leave", {})),
    push: (room, event, payload) => within("a push's reply", ask(room, event, payload)),
    send: (room, event, payload) => void ask(room, event, payload),
    next: () => events.take(),
    hearsOwnLeave: true,
  };
}

class Queue<Item> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    this.#items.push(item);
  }

  async take(): Promise<Item> {
    await until("an event", () => this.#items.length > 0);
    return this.#items.shift() as Item;
  }
}
