import type { Socket } from "socket.io";
import type { Connection } from "../../connections/connection.ts";
import type { Session } from "../../connections/dialect.ts";
import { Message } from "../../connections/message.ts";
import { isBytes } from "../../rooms/payload.ts";
import { ok, type Reply, refuse } from "../../rooms/reply.ts";
import type { Rooms } from "../../rooms/rooms.ts";
import { decodeBinary, encodeBinaryBroadcast, encodeBinaryPush } from "./binary-codec.ts";
import { type ClientFrame, decodeText, encodeReply, encodeText, type Ref } from "./codec.ts";

/** The topic of the connection itself. */
const CONNECTION_TOPIC = "phoenix";

/** One phoenix.js client, V2: its topics and the join_ref of each. */
export class PhoenixSession implements Session {
  readonly encoding = "phoenix-2";
  readonly closesWhenIdle = true;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #rooms: Rooms;
  readonly #joinRefs = new Map<string, Ref>();

  constructor(connection: Connection, socket: Socket, rooms: Rooms) {
    this.#connection = connection;
    this.#socket = socket;
    this.#rooms = rooms;
  }

  receive(data: string | Buffer): void {
    const frame = typeof data === "string" ? decodeText(data) : decodeBinary(data);
    if (frame === undefined) this.#connection.refuseFrame();
    else if (frame.topic === CONNECTION_TOPIC) this.#answerConnection(frame);
    else this.#route(frame);
  }

  /** Null refs, so that the frame is the same for every member; phoenix.js takes it on any join. */
  encodeBroadcast(room: string, event: string, payload: unknown): Message | undefined {
    const data = isBytes(payload)
      ? encodeBinaryBroadcast(room, event, payload)
      : encodeText(null, null, room, event, payload ?? {});
    return data === undefined ? undefined : new Message(data);
  }

  encodePush(room: string, event: string, payload: unknown): Message | undefined {
    const joinRef = this.#joinRefs.get(room);
    if (joinRef === undefined) return undefined;
    const isEnd = event === "phx_close" || event === "phx_error";
    if (isEnd) this.#joinRefs.delete(room);
    const data = isBytes(payload)
      ? encodeBinaryPush(String(joinRef ?? ""), room, event, payload)
      : encodeText(joinRef, isEnd ? joinRef : null, room, event, payload ?? {});
    return data === undefined ? undefined : new Message(data);
  }

  #answerConnection(frame: ClientFrame): void {
    this.#reply(null, frame, frame.event === "heartbeat" ? ok() : refuse("room_unmatched"));
  }

  #route(frame: ClientFrame): void {
    if (frame.event === "phx_join") {
      this.#join(frame);
      return;
    }
    const joinRef = typeof frame.topic === "string" ? this.#joinRefs.get(frame.topic) : undefined;
    // A frame of an earlier join of the topic. Phoenix drops it without a reply.
    if (joinRef !== undefined && frame.joinRef !== null && frame.joinRef !== joinRef) return;
    if (frame.event === "phx_leave") this.#leave(frame);
    else this.#push(frame, joinRef ?? null);
  }

  #join(frame: ClientFrame): void {
    const { topic } = frame;
    const joinRef = frame.joinRef ?? frame.ref;
    const name = typeof topic === "string" ? topic : "";
    const former = this.#joinRefs.get(name);
    const request = { params: frame.payload, ref: joinRef === null ? undefined : String(joinRef) };
    this.#rooms.join(this.#socket, topic, request, (reply) => {
      this.#joinRefs.delete(name);
      if (reply.status === "ok") this.#joinRefs.set(name, joinRef);
      this.#reply(joinRef, frame, reply);
      if (former !== undefined) {
        this.#send(encodeText(former, former, topic, "phx_close", {}));
      }
    });
  }

  #leave(frame: ClientFrame): void {
    const { topic } = frame;
    const joinRef = typeof topic === "string" ? this.#joinRefs.get(topic) : undefined;
    this.#rooms.leave(this.#socket, topic, (reply) => {
      this.#reply(joinRef ?? frame.joinRef, frame, reply);
    });
  }

  #push(frame: ClientFrame, joinRef: Ref): void {
    this.#rooms.push(this.#socket, frame.topic, frame.event, frame.payload, (reply) =>
      this.#reply(joinRef, frame, reply),
    );
  }

  #reply(joinRef: Ref, frame: ClientFrame, reply: Reply): void {
    this.#send(encodeReply(joinRef, frame.ref, frame.topic, reply));
  }

  #send(text: string): void {
    this.#connection.send(new Message(text));
  }
}
