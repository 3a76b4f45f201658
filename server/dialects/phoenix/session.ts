import type { Socket } from "socket.io";
import type { RefusalCode } from "../../codes.ts";
import type { Connection } from "../../connections/connection.ts";
import type { Session } from "../../connections/dialect.ts";
import { Message } from "../../connections/message.ts";
import { ShownNames } from "../../connections/shown-names.ts";
import type { EntryMeta } from "../../entry-meta.ts";
import type { Member } from "../../rooms/member.ts";
import { isEnd } from "../../rooms/own-events.ts";
import { ok, type Reply, refuse } from "../../rooms/reply.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import type { ClientFrame, Ref } from "./codec.ts";
import { withOffset } from "./offset.ts";
import type { Encoded, Serializer } from "./serializer.ts";

/** The topic of the connection itself. */
const CONNECTION_TOPIC = "phoenix";

/** One Phoenix client: its topics and the join_ref of each. */
export class PhoenixSession implements Session {
  readonly keepAlive = "client";
  readonly #serializer: Serializer;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #rooms: Rooms;
  readonly #joinRefs = new Map<string, Ref>();
  /** Made when a room is joined by another name: each broadcast asks every member for it. */
  #names: ShownNames | undefined;

  constructor(serializer: Serializer, connection: Connection, socket: Socket, rooms: Rooms) {
    this.#serializer = serializer;
    this.#connection = connection;
    this.#socket = socket;
    this.#rooms = rooms;
  }

  encodingOf(room: string): string {
    const { encoding } = this.#serializer;
    return this.#names === undefined ? encoding : this.#names.encoding(encoding, room);
  }

  receive(data: string | Buffer): void {
    const frame = this.#serializer.decode(data);
    if (frame === undefined) this.#connection.refuseFrame();
    else if (frame.topic === CONNECTION_TOPIC) this.#answerConnection(frame);
    else this.#route(frame);
  }

  encodeBroadcast(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    const marked = this.#marked(room, payload, entry);
    return toMessage(this.#serializer.encodeBroadcast(this.#nameOf(room), event, marked));
  }

  encodePush(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    const joinRef = this.#joinRefs.get(room);
    if (joinRef === undefined) return undefined;
    const topic = this.#nameOf(room);
    if (!isEnd(event)) {
      return toMessage(
        this.#serializer.encodePush(joinRef, topic, event, this.#marked(room, payload, entry)),
      );
    }
    this.#joinRefs.delete(room);
    return toMessage(this.#serializer.encodeEnd(joinRef, topic, event, payload));
  }

  #nameOf(room: string): string {
    return this.#names?.of(room) ?? room;
  }

  #noteName(room: string, name: string): void {
    if (room !== name) this.#names ??= new ShownNames();
    this.#names?.note(room, name);
  }

  #marked(room: string, payload: unknown, entry: EntryMeta | undefined): unknown {
    if (entry === undefined) return payload;
    return withOffset(payload, entry, this.#rooms.settingsOf(room).phoenixOffset);
  }

  #answerConnection(frame: ClientFrame): void {
    this.#reply(null, frame, frame.event === "heartbeat" ? ok() : refuse("room_unmatched"));
  }

  #route(frame: ClientFrame): void {
    if (frame.event === "phx_join") this.#join(frame);
    else if (frame.event === "phx_leave") this.#leave(frame);
    else this.#push(frame);
  }

  #join(frame: ClientFrame): void {
    const { topic } = frame;
    const joinRef = frame.joinRef ?? frame.ref;
    const ref = joinRef ?? undefined;
    const request = { params: frame.payload, ref, whenMissed: "rejoin" } as const;
    this.#rooms.join(this.#socket, topic, request, (reply, member) => {
      const name = typeof topic === "string" ? topic : "";
      const room = this.#rooms.roomOf(name);
      const former = this.#joinRefs.get(room);
      const formerName = this.#nameOf(room);
      this.#joinRefs.delete(room);
      if (member !== undefined) {
        this.#joinRefs.set(room, joinRef);
        this.#noteName(room, name);
      }
      this.#reply(isUnmatched(reply) ? null : joinRef, frame, reply);
      if (former !== undefined) {
        this.#send(this.#serializer.encodeEnd(former, formerName, "phx_close", {}));
      }
    });
  }

  #leave(frame: ClientFrame): void {
    const isMeant = meantBy(frame);
    this.#rooms.leave(this.#socket, frame.topic, isMeant, (reply, member) => {
      this.#reply(member === undefined ? frame.joinRef : refOf(member), frame, reply);
    });
  }

  #push(frame: ClientFrame): void {
    const { topic, event, payload } = frame;
    const isMeant = meantBy(frame);
    this.#rooms.push(this.#socket, topic, event, payload, isMeant, (reply, member) => {
      this.#reply(member === undefined ? null : refOf(member), frame, reply);
    });
  }

  #reply(joinRef: Ref, frame: ClientFrame, reply: Reply): void {
    this.#send(this.#serializer.encodeReply(joinRef, frame.ref, frame.topic, reply));
  }

  #send(encoded: Encoded): void {
    this.#connection.send(new Message(encoded));
  }
}

function toMessage(encoded: Encoded | undefined): Message | undefined {
  return encoded === undefined ? undefined : new Message(encoded);
}

/** A frame of an earlier join of its topic is dropped without a reply, as in Phoenix. */
function meantBy({ joinRef }: ClientFrame): (member: Member) => boolean {
  return (member) => joinRef === null || joinRef === refOf(member);
}

/** The join_ref that this session gave the member. */
function refOf(member: Member): Ref {
  return (member.ref ?? null) as Ref;
}

/** Where no channel serves a topic there is no join to refer to: Phoenix's join_ref is null. */
function isUnmatched({ response }: Reply): boolean {
  const unmatched: RefusalCode = "room_unmatched";
  return typeof response === "object" && response !== null && "code" in response
    ? response.code === unmatched
    : false;
}
