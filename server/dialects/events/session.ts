import type { Socket } from "socket.io";
import { closes } from "../../codes.ts";
import type { Connection } from "../../connections/connection.ts";
import type { Session } from "../../connections/dialect.ts";
import type { Asker } from "../../connections/event-stream.ts";
import { Message } from "../../connections/message.ts";
import type { EntryMeta } from "../../entry-meta.ts";
import { type EndEvent, isEnd, PRESENCE_EVENTS } from "../../rooms/own-events.ts";
import { isBytes } from "../../rooms/payload.ts";
import type { Reply } from "../../rooms/reply.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { binaryReplyRefused, UNDELIVERABLE, undeliverable } from "../../rooms/undeliverable.ts";
import { encodeBeginning, encodeEvent, encodeId, encodeMissed, FINAL_ID } from "./codec.ts";

/** What the session of one request needs. */
export interface EventsContext {
  readonly rooms: Rooms;
  /** What the client calls the room. */
  readonly room: string;
  /** The params of its join. */
  readonly params: object;
  /** Whether it wants to be told who is present. */
  readonly wantsPresence: boolean;
  /** Told of the reply to the join. */
  readonly asker: Asker;
}

/** Those who get nothing of a room: it is not theirs, or they are not in it yet. */
const ELSEWHERE = "events elsewhere";

/** One client that follows one room. It cannot say anything. */
export class EventsSession implements Session {
  readonly keepAlive = "server";
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: EventsContext;
  readonly #room: string;
  #isIn: boolean = false;
  /** Epoch of the room's log, where it keeps one. */
  #epoch: string | undefined;

  constructor(connection: Connection, socket: Socket, context: EventsContext) {
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
    this.#room = context.rooms.roomOf(context.room);
    // Before that, what the rooms send in answer to the join would be dropped.
    connection.once("session", () => this.#join());
  }

  /** Nothing comes: its one request is all that a client says. */
  receive(): void {}

  encodingOf(room: string): string {
    if (!this.#isMine(room)) return ELSEWHERE;
    return `events${this.#context.wantsPresence ? " presence" : ""} ${this.#epoch ?? ""}`;
  }

  encodeBroadcast(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    return this.#isMine(room) ? this.#encode(event, payload, entry) : undefined;
  }

  encodePush(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    if (!this.#isMine(room)) return undefined;
    if (!isEnd(event)) return this.#encode(event, payload, entry);
    this.#end(event, payload);
    return undefined;
  }

  #isMine(room: string): boolean {
    return this.#isIn && room === this.#room;
  }

  #encode(event: string, payload: unknown, entry: EntryMeta | undefined): Message | undefined {
    if (PRESENCE_EVENTS.has(event) && !this.#context.wantsPresence) return undefined;
    const id =
      entry === undefined || this.#epoch === undefined
        ? undefined
        : encodeId(entry.offset, this.#epoch);
    return toMessage(
      isBytes(payload)
        ? encodeEvent(UNDELIVERABLE, undeliverable(event, payload), id)
        : encodeEvent(event, payload, id),
    );
  }

  #join(): void {
    const { rooms, room, params } = this.#context;
    // Where a log is lost, its epoch is another one: the client is to come back, and to be told.
    const whenMissed = rooms.logs.keeps(this.#room) ? "rejoin" : "event";
    rooms.join(this.#socket, room, { params, ref: undefined, whenMissed }, (reply, member) => {
      if (this.#connection.readyState !== "open") return;
      if (member === undefined) this.#refuse(reply.response);
      else this.#begin(reply);
    });
  }

  #refuse(response: unknown): void {
    this.#context.asker.refuse(undefined, response);
    this.#connection.end(closes.subscription_over);
  }

  #begin({ status, response }: Reply): void {
    const log = this.#context.rooms.logs.keeps(this.#room) ? (response as LogReply) : undefined;
    this.#isIn = true;
    this.#epoch = log?.epoch;
    this.#context.asker.accept();
    // Who is sent what it has missed goes on from there, also if it is cut off in the midst of it.
    const isAtEnd = log !== undefined && log.recovered !== true;
    const id = isAtEnd ? encodeId(log.offset, log.epoch) : undefined;
    const told = isBytes(response) ? binaryReplyRefused() : { status, response };
    this.#send(encodeBeginning(told, id));
    if (log?.recovered === false) this.#send(encodeMissed());
  }

  /** Who was taken out is told to stay away; the others may try again. */
  #end(event: EndEvent, payload: unknown): void {
    this.#send(encodeEvent(event, payload, event === "phx_close" ? FINAL_ID : undefined));
    this.#connection.end(closes.subscription_over);
  }

  #send(text: string | undefined): void {
    const message = toMessage(text);
    if (message !== undefined) this.#connection.send(message);
  }
}

/** What a join's reply says of the room's log. */
interface LogReply {
  readonly offset: number;
  readonly epoch: string;
  readonly recovered?: boolean;
}

/** As bytes, which all members of an encoding share. */
function toMessage(text: string | undefined): Message | undefined {
  return text === undefined ? undefined : new Message(Buffer.from(text));
}
