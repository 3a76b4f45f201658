import {
  areRoomNames,
  isAudience,
  isEventList,
  isEventPacket,
  isId,
  isOptionalId,
} from "./cluster-message.ts";

/** What the classic adapter's nodes ask each other, by its numbers. Redis emitters use some of them. */
export const ClassicRequest = {
  SOCKETS: 0,
  ALL_ROOMS: 1,
  JOIN: 2,
  LEAVE: 3,
  DISCONNECT: 4,
  FETCH: 5,
  SERVER_SIDE_EMIT: 6,
  BROADCAST: 7,
} as const;

/** A request as it may come from anyone. */
export type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Whether something is a request that a node or a Redis emitter can have sent in a namespace. */
export function isClassicRequest(request: Fields, namespace: string): boolean {
  const { type, opts, rooms, data, packet, requestId } = request;
  switch (type) {
    case ClassicRequest.SOCKETS:
      return isId(requestId) && isAudience({ rooms });
    case ClassicRequest.ALL_ROOMS:
      return isId(requestId);
    case ClassicRequest.JOIN:
    case ClassicRequest.LEAVE:
      return isAudience(opts) && areRoomNames(rooms);
    case ClassicRequest.DISCONNECT:
      return isAudience(opts);
    case ClassicRequest.FETCH:
      return isId(requestId) && isAudience(opts);
    case ClassicRequest.SERVER_SIDE_EMIT:
      return isEventList(data) && isOptionalId(requestId);
    case ClassicRequest.BROADCAST:
      return isId(requestId) && isAudience(opts) && isEventPacket(packet, namespace);
    default:
      return false;
  }
}
