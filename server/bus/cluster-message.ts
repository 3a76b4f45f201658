import { type ClusterMessage, type ClusterResponse, MessageType } from "socket.io-adapter";
import { PacketType } from "socket.io-parser";
import { isRoomName } from "../rooms/names.ts";

/** What nodes send each other. */
export type NodeMessage = Broadcast | WithData<Other<ClusterMessage>> | WithData<ClusterResponse>;
type Other<Message> = Message extends { readonly type: MessageType.BROADCAST } ? never : Message;
type WithData<Message> = Message extends { readonly data: unknown } ? Message : never;
type StockBroadcast = Extract<ClusterMessage, { readonly type: MessageType.BROADCAST }>;
/** A broadcast that comes on the channels of several rooms has a name, so that it is taken once. */
type Broadcast = StockBroadcast & { readonly data: { readonly once?: string } };

const MAX_ID_LENGTH = 100;
const MAX_NAMES = 10_000;
/** Events that Socket.IO emits itself. */
const OWN_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "connection",
  "disconnect",
  "disconnecting",
  "error",
  "newListener",
  "new_namespace",
  "removeListener",
]);

type Fields = Readonly<Record<string, unknown>>;

/** Whether something is a message that a node can have sent in a namespace. */
export function isNodeMessage(message: unknown, namespace: string): message is NodeMessage {
  if (!isObject(message) || !isId(message["uid"]) || message["nsp"] !== namespace) return false;
  const { type, data } = message;
  return isObject(data) && hasFittingData(type, data, namespace);
}

/** Whether something is a broadcast's packet, with an event that is not Socket.IO's own. */
export function isEventPacket(packet: unknown, namespace: string): boolean {
  if (!isObject(packet)) return false;
  const { type, data, nsp } = packet;
  const isOfNamespace = nsp === undefined ? true : nsp === namespace;
  const isEvent = type === PacketType.EVENT || type === PacketType.BINARY_EVENT;
  return isEvent && isOfNamespace && isEventList(data);
}

/** Whether something says whom a broadcast is for. */
export function isAudience(audience: unknown): boolean {
  if (!isObject(audience)) return false;
  const { rooms, except, flags } = audience;
  const areFlags = flags === undefined || flags === null || isObject(flags);
  return isNames(rooms) && (except === undefined || isNames(except)) && areFlags;
}

/** Whether something is a list of an event and its arguments, of which Socket.IO emits none itself. */
export function isEventList(list: unknown): list is readonly [string, ...unknown[]] {
  if (!Array.isArray(list)) return false;
  const [event]: unknown[] = list;
  return typeof event === "string" && !OWN_EVENTS.has(event);
}

/** Whether sockets may be made to join or leave these rooms by another node. */
export function areRoomNames(rooms: unknown): boolean {
  return isNames(rooms) && rooms.every(isRoomName);
}

function hasFittingData(type: unknown, data: Fields, namespace: string): boolean {
  const { opts, packet, requestId, once } = data;
  switch (type) {
    case MessageType.BROADCAST:
      return (
        isAudience(opts) &&
        isEventPacket(packet, namespace) &&
        isOptionalId(requestId) &&
        isOptionalId(once)
      );
    case MessageType.SOCKETS_JOIN:
    case MessageType.SOCKETS_LEAVE:
      return isAudience(opts) && areRoomNames(data["rooms"]);
    case MessageType.DISCONNECT_SOCKETS:
      return isAudience(opts);
    case MessageType.FETCH_SOCKETS:
      return isAudience(opts) && isId(requestId);
    case MessageType.SERVER_SIDE_EMIT:
      return isEventList(packet) && isOptionalId(requestId);
    case MessageType.FETCH_SOCKETS_RESPONSE:
      return isId(requestId) && Array.isArray(data["sockets"]) && data["sockets"].every(isObject);
    case MessageType.BROADCAST_CLIENT_COUNT:
      return isId(requestId) && Number.isSafeInteger(data["clientCount"]);
    case MessageType.SERVER_SIDE_EMIT_RESPONSE:
    case MessageType.BROADCAST_ACK:
      return isId(requestId);
    default:
      return false;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether something can be the name of a node or of a question. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH;
}

/** Whether something can be such a name, or is left out. */
export function isOptionalId(value: unknown): boolean {
  return value === undefined || isId(value);
}

function isNames(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > MAX_NAMES) return false;
  return value.every((name) => typeof name === "string");
}
