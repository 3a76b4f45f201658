import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "socket.io";
import type { Watch } from "../turnstile.ts";
import { absenceOf, endWithPeer } from "./absence.ts";
import { Connection } from "./connection.ts";
import { urlOf } from "./entrance.ts";
import type { Gate } from "./gate.ts";
import { parseParams } from "./query.ts";
import type { Refused } from "./refused.ts";

/** What the gate of native clients needs of its surroundings. */
export interface NativeGateContext {
  readonly gate: Gate;
  /** The connection's token. */
  readonly tokenOf: (socket: Socket) => string | undefined;
  /** Told of each refusal. */
  readonly onRefused: (refused: Refused) => void;
}

/** Engine.IO's `allowRequest` option, called before a native connection is made. */
export type AllowRequest = (
  request: IncomingMessage,
  answer: (problem: string | null | undefined, isAllowed: boolean) => void,
) => void;

/**
 * Judges a native client's origin, and lets it wait for its turn. Engine.IO answers 403 over
 * long-polling, 400 to an upgrade.
 */
export function allowRequestBy(gate: Gate, onRefused: (refused: Refused) => void): AllowRequest {
  return (request, answer) => {
    const early = gate.checkOpen() ?? gate.checkOrigin(request);
    const judged = early ?? gate.pass(absenceOfNative(request));
    const tell = (refused: Refused | undefined): void => {
      if (refused !== undefined) onRefused(refused);
      answer(refused?.close.reason, refused === undefined);
    };
    // Engine.IO goes on in the same turn where nobody has to wait.
    if (judged instanceof Promise) void judged.then(tell);
    else tell(judged);
  };
}

/** A WebSocket's stream is nobody's until the handshake is answered. */
function absenceOfNative(request: IncomingMessage): Watch {
  return (giveUp) => {
    const { socket } = request;
    const isUpgrade = urlOf(request)?.searchParams.get("transport") === "websocket";
    const endCare = isUpgrade ? endWithPeer(socket) : undefined;
    const endWatch = absenceOf(socket)(giveUp);
    return () => {
      endWatch();
      endCare?.();
    };
  };
}

/**
 * Asks the application about each native client that joins the main namespace. One that is refused
 * gets `connect_error` with `{reason, status}` as its `data`. Other connections were asked about
 * before their upgrade.
 */
export function guardNatives(io: Server, context: NativeGateContext): void {
  io.use((socket, next) => {
    const connection: unknown = socket.conn;
    if (connection instanceof Connection) next();
    else if (socket.conn.readyState !== "open") next(new Error("connection closed"));
    else void admit(socket, context).then(next);
  });
}

/** The error that refuses a native client, or undefined to let it in. Never rejects. */
async function admit(
  socket: Socket,
  { gate, tokenOf, onRefused }: NativeGateContext,
): Promise<Error | undefined> {
  const shown = { dialect: "socketio", params: paramsOf(socket), token: tokenOf(socket) } as const;
  const refused = await gate.consult(socket.request, shown);
  if (refused === undefined) return undefined;
  onRefused(refused);
  return Object.assign(new Error(refused.close.reason), { data: dataOf(refused) });
}

function dataOf({ status, text, close }: Refused): { reason: string; status: number } {
  return { reason: text ?? close.reason, status };
}

/** The query's params, with the client's `auth` laid over them. */
function paramsOf(socket: Socket): Record<string, unknown> {
  const query = parseParams(urlOf(socket.request)?.searchParams ?? new URLSearchParams()) ?? {};
  const entries = [...Object.entries(query), ...Object.entries(socket.handshake.auth)];
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}
