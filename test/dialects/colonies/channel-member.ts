import type { Reply } from "../../../server/rooms/reply.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

/** An event that a member was told. */
export interface Heard {
  readonly event: string;
  readonly payload: unknown;
  readonly meta: object | undefined;
}

/** A Socket.IO client, for the rooms of channels. */
export interface ChannelMember {
  /** What it was told, presence apart. */
  readonly heard: readonly Heard[];
  /** What it was told of presences. */
  readonly presences: readonly Heard[];
  join(room: string, params?: object): Promise<Reply>;
  leave(room: string): Promise<Reply>;
  push(room: string, event: string, payload?: unknown): Promise<Reply>;
  /** Waits until it has heard so many events; gives them back. */
  hears(count: number): Promise<readonly Heard[]>;
}

/** Connects a client that has joined nothing; it ends with the test. */
export async function connectMember(url: string): Promise<ChannelMember> {
  const socket = await connectSocketIo(url);
  const heard: Heard[] = [];
  const presences: Heard[] = [];
  socket.onAny((event: string, payload: unknown, meta?: object) => {
    const list = event.startsWith("presence_") ? presences : heard;
    list.push({ event, payload, meta });
  });
  return {
    heard,
    presences,
    join: (room, params = {}) => ask(socket, "join", room, params),
    leave: (room) => ask(socket, "leave", room),
    push: (room, event, payload = {}) => ask(socket, "push", room, event, payload),
    hears: (count) => until(`${count} events`, () => heard.length >= count && heard),
  };
}

/** Connects a client that is in a room. */
export async function joinAsMember(
  url: string,
  room: string,
  params: object = {},
): Promise<ChannelMember> {
  const member = await connectMember(url);
  const { status, response } = await member.join(room, params);
  if (status !== "ok") throw new Error(`not joined: ${JSON.stringify(response)}`);
  return member;
}
