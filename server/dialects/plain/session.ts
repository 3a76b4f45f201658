import { createHash } from "node:crypto";
import type { Socket } from "socket.io";
import type { RefusalCode } from "../../codes.ts";
import type { Connection } from "../../connections/connection.ts";
import type { Session } from "../../connections/dialect.ts";
import { Message } from "../../connections/message.ts";
import { ShownNames } from "../../connections/shown-names.ts";
import type { EntryMeta } from "../../entry-meta.ts";
import type { PlainOptions } from "../../options.ts";
import { isEnd, MESSAGE } from "../../rooms/own-events.ts";
import { isBytes, payloadKind } from "../../rooms/payload.ts";
import { ok, type Reply, refuse } from "../../rooms/reply.ts";
import { isAnyMembership, type Rooms } from "../../rooms/rooms.ts";
import { type ClientFrame, decodeFrame, type Id, type Wishes } from "./codec.ts";
import {
  type Encoded,
  encodeBinaryReply,
  encodeError,
  encodeEvent,
  encodeReply,
  type Source,
} from "./encoder.ts";
import { type Answer, Joins, NO_WISHES } from "./joins.ts";

/** What a plain session needs of its surroundings. */
export interface PlainContext {
  readonly rooms: Rooms;
  readonly settings: PlainOptions;
  /** Most requests of one room that may wait for the one under way. */
  readonly maxWaiting: number;
}

/** The room of messages that name none, where they go to everyone. */
const EVERYONE = "everyone";

type Frame<Kind extends ClientFrame["kind"]> = ClientFrame & {
  readonly kind: Kind;
  readonly room: string;
};

/** One plain client: its rooms, and what it wants of each. */
export class PlainSession implements Session {
  readonly keepAlive = "server";
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: PlainContext;
  readonly #joins: Joins;
  readonly #names = new ShownNames();

  constructor(connection: Connection, socket: Socket, context: PlainContext) {
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
    this.#joins = new Joins(context.maxWaiting);
    if (context.settings.withoutRoom === "broadcast") {
      connection.once("session", () => this.#joinEveryone());
    }
  }

  receive(data: string | Buffer): void {
    const frame = decodeFrame(data);
    if (frame.kind === "unreadable") this.#withoutRoom(frame.text, undefined, "frame_invalid");
    else if (!isId(frame.id)) this.#tell(undefined, refuse("id_invalid"), undefined);
    else if (frame.kind === "roomless") this.#withoutRoom(frame.payload, frame.id, "room_missing");
    else if (!isRoom(frame)) this.#tell(frame.id, refuse("room_name_invalid"), undefined);
    else if (frame.kind === "join") this.#join(frame, frame.id);
    else if (frame.kind === "leave") this.#leave(frame, frame.id);
    else this.#push(frame, frame.id);
  }

  encodingOf(room: string): string {
    const { presence, binary } = this.#joins.wishesOf(room);
    const encoding = `plain${presence ? " presence" : ""}${binary ? " binary" : ""}`;
    return this.#names.encoding(encoding, room);
  }

  encodeBroadcast(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    return this.#encode(room, { event, entry }, payload, this.#joins.wishesOf(room));
  }

  encodePush(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    const wishes = this.#joins.wishesOf(room);
    // Of the end that it asked for, the client has been told already.
    if (isEnd(event) && !this.#joins.end(room)) return undefined;
    return this.#encode(room, { event, entry }, payload, wishes);
  }

  #encode(
    room: string,
    { event, entry }: Omit<Source, "room">,
    payload: unknown,
    wishes: Wishes,
  ): Message | undefined {
    const isNamed = this.#context.settings.keepRoom && !this.#isForEveryone(room);
    const source = { room: isNamed ? this.#names.of(room) : undefined, event, entry };
    const encoded = encodeEvent(source, payload, wishes);
    return encoded === undefined ? undefined : new Message(encoded);
  }

  #join(frame: Frame<"join">, id: Id | undefined): void {
    const { room } = frame;
    if (payloadKind(frame.params) !== "json") {
      this.#tell(id, refuse("payload_invalid"), room);
      return;
    }
    this.#joinOnce(frame, (reply) => {
      this.#tell(id, reply, room);
      if (id === undefined && reply.status !== "error") this.#acknowledge("joined", room);
    });
  }

  #joinOnce({ room, params, wishes }: Omit<Frame<"join">, "id">, answer: Answer): void {
    const key = this.#context.rooms.roomOf(room);
    const wanted = digest([room, params, wishes]);
    const repeat = this.#joins.repeat(key, wanted, answer);
    if (repeat === "full") answer(refuse("too_many_waiting"));
    if (repeat !== "new") return;
    const decided = this.#joins.begin(key, wanted, wishes, answer);
    this.#context.rooms.join(this.#socket, room, { params, ref: undefined }, (reply, member) => {
      if (member !== undefined) this.#names.note(key, room);
      decided(reply, member !== undefined);
    });
  }

  #leave({ room }: Frame<"leave">, id: Id | undefined): void {
    const key = this.#context.rooms.roomOf(room);
    this.#joins.beginLeave(key);
    this.#context.rooms.leave(this.#socket, room, isAnyMembership, (reply) => {
      this.#joins.end(key);
      this.#tell(id, reply, room);
      if (id === undefined) this.#acknowledge("left", room);
    });
  }

  #push({ room, event, payload }: Frame<"message">, id: Id | undefined): void {
    const answer: Answer = (reply) => this.#tell(id, reply, room);
    const { rooms, settings } = this.#context;
    if (settings.sendWithoutJoin === "allow" && !this.#joins.has(rooms.roomOf(room))) {
      rooms.visit(this.#socket, room, event, payload, answer);
    } else {
      rooms.push(this.#socket, room, event, payload, isAnyMembership, answer);
    }
  }

  #withoutRoom(payload: unknown, id: Id | undefined, code: RefusalCode): void {
    const { withoutRoom } = this.#context.settings;
    if (withoutRoom === "broadcast") {
      this.#push({ kind: "message", room: EVERYONE, event: MESSAGE, payload, id }, id);
    } else if (withoutRoom === "echo" && payloadKind(payload) === "unfit") {
      this.#tell(id, refuse("payload_invalid"), undefined);
    } else if (withoutRoom === "echo") {
      this.#send(echoOf(payload, code));
      this.#tell(id, ok(), undefined);
    } else {
      this.#tell(id, refuse(code), undefined);
    }
  }

  /** Whether it may is up to its token, as for any room. If not, its messages are refused. */
  #joinEveryone(): void {
    const frame = { kind: "join", room: EVERYONE, params: {}, wishes: NO_WISHES } as const;
    this.#joinOnce(frame, () => {});
  }

  #isForEveryone(room: string): boolean {
    return room === EVERYONE && this.#context.settings.withoutRoom === "broadcast";
  }

  /** A frame that asked for no reply is answered only when it was refused. */
  #tell(id: Id | undefined, reply: Reply, room: string | undefined): void {
    const { status, response } = reply;
    if (id === undefined) {
      if (status === "error") this.#send(encodeError(toObject(response), room));
    } else if (!isBytes(response)) {
      this.#send(encodeReply(id, reply));
    } else if (room !== undefined && this.#wishesOf(room).binary) {
      this.#send(encodeBinaryReply(id, status, response));
    } else {
      this.#send(encodeReply(id, refuse("binary_unsupported")));
    }
  }

  #wishesOf(name: string): Wishes {
    return this.#joins.wishesOf(this.#context.rooms.roomOf(name));
  }

  #acknowledge(status: "joined" | "left", room: string): void {
    if (this.#context.settings.acknowledge) this.#send(JSON.stringify({ status, room }));
  }

  #send(encoded: Encoded): void {
    this.#connection.send(new Message(encoded));
  }
}

function isRoom<Named extends { readonly room: unknown }>(
  frame: Named,
): frame is Named & { readonly room: string } {
  return typeof frame.room === "string";
}

function isId(id: unknown): id is Id | undefined {
  return id === undefined || typeof id === "string" || typeof id === "number";
}

/** Stands for a join's params: they may be large, and are kept as long as the client is in. */
function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}

function toObject(response: unknown): object {
  return typeof response === "object" && response !== null ? response : { response };
}

/** As the document's server answers: an object about JSON, and text about text. */
function echoOf(payload: unknown, code: RefusalCode): Encoded {
  if (isBytes(payload)) return payload;
  return code === "frame_invalid" ? `Echo: ${payload}` : JSON.stringify({ echo: payload });
}
