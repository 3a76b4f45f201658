import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Close } from "../codes.ts";
import { endWithPeer } from "./absence.ts";
import { declineUpgrade, isWebSocketUpgrade } from "./declined-upgrade.ts";
import type { Engine, Handshake } from "./engine.ts";
import { urlOf } from "./entrance.ts";
import { isRefused, type Refused, rejectUpgrade } from "./refused.ts";
import { UpgradeServer } from "./upgrade-server.ts";

/** What an address makes of a request: a handshake, or why there is none. */
export type UpgradeAnswer = Handshake | Refused;

/** What a client is told that is refused after its connection was accepted. */
export interface Farewell {
  /** Text frame that goes before the close, or undefined for none. */
  readonly text: string | undefined;
  readonly close: Close;
}

/** A way in. */
export interface Address {
  /** Who is let in. An answer may take its time. */
  readonly enter: (request: IncomingMessage) => Promise<UpgradeAnswer>;
  /** How others are told, where {@link UpgradesContext.refusal} does not say it. */
  readonly farewell?: (refused: Refused) => Farewell;
  /** What the HTTP status 403 is called here. */
  readonly forbidden?: string;
  /** Takes the upgrades of those who are let in, in the place of the engine. */
  readonly serve?: (request: IncomingMessage, stream: Duplex, head: Buffer) => void;
}

/** The ways in by their paths. */
export type Addresses = ReadonlyMap<string, Address>;

/** What the routing of upgrades needs of its surroundings. */
export interface UpgradesContext {
  readonly engine: Engine;
  readonly addresses: Addresses;
  /** Path whose upgrades Engine.IO's listener takes. */
  readonly socketIoPath: string;
  /**
   * How a client is refused: by an HTTP status, which a browser hides from its page, or by a close
   * frame right after the upgrade, which it shows.
   */
  readonly refusal: "status" | "close";
  /** Told of each refusal. */
  readonly onRefused: (refused: Refused) => void;
  /** Takes what an address threw. */
  readonly onCrash: (error: unknown) => void;
}

const SUBPROTOCOL = "phoenix";
/** A client that is being refused has nothing to say. */
const MAX_REFUSED_FRAME_BYTES = 65_536;

/**
 * Sends each WebSocket upgrade to where its path belongs; Socket.IO's own go on to the listeners
 * that the server has now. Any other upgrade is served as the request that it is.
 */
export function routeUpgrades(server: HttpServer, context: UpgradesContext): void {
  const { engine, addresses, onRefused, onCrash } = context;
  const refuseByClose = createFarewells();
  const refuse = (address: Address, refused: Refused, ...upgrade: Upgrade): void => {
    const { farewell, forbidden, serve } = address;
    const byStatus = serve !== undefined || context.refusal === "status";
    const { status, text } = refused;
    if (farewell !== undefined) refuseByClose(farewell(refused), ...upgrade);
    else if (byStatus)
      rejectUpgrade(upgrade[1], status, text, status === 403 ? forbidden : undefined);
    else refuseByClose({ text: undefined, close: refused.close }, ...upgrade);
  };
  const route = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const url = urlOf(request);
    const address = url === undefined ? undefined : addresses.get(url.pathname);
    if (url === undefined) rejectUpgrade(stream, 400);
    else if (address === undefined) rejectUpgrade(stream, 404);
    else if (request.method !== "GET") rejectUpgrade(stream, 400);
    else {
      whileWaiting(stream, address.enter(request))
        .then((answer) => {
          if (!isRefused(answer)) {
            if (address.serve === undefined) engine.upgrade(request, stream, head, answer);
            else address.serve(request, stream, head);
          } else {
            onRefused(answer);
            refuse(address, answer, request, stream, head);
          }
        })
        .catch((error: unknown) => {
          onCrash(error);
          stream.destroy();
        });
    }
  };
  const theirs = server.rawListeners("upgrade");
  server.removeAllListeners("upgrade");
  server.on("upgrade", (...upgrade: Upgrade) => {
    const [request] = upgrade;
    if (!isWebSocketUpgrade(request)) declineUpgrade(server, ...upgrade);
    else if (!request.url?.startsWith(context.socketIoPath)) route(...upgrade);
    else for (const listener of theirs) Reflect.apply(listener, server, upgrade);
  });
}

/** Waits for an answer; a stream that breaks meanwhile is destroyed, and found so afterwards. */
async function whileWaiting<Answer>(stream: Duplex, answer: Promise<Answer>): Promise<Answer> {
  const endCare = endWithPeer(stream);
  try {
    return await answer;
  } finally {
    endCare();
  }
}

type Upgrade = [request: IncomingMessage, stream: Duplex, head: Buffer];

/** Accepts connections only to tell their clients why they may not have them. */
function createFarewells(): (farewell: Farewell, ...upgrade: Upgrade) => void {
  const webSockets = new UpgradeServer({
    maxPayload: MAX_REFUSED_FRAME_BYTES,
    // A browser that offers some hangs up, without reading why, if none is selected.
    handleProtocols: (offered) =>
      offered.has(SUBPROTOCOL) ? SUBPROTOCOL : (offered.values().next().value ?? false),
  });
  return ({ text, close }, request, stream, head) => {
    webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      // Whatever it sends, or however it breaks, it is on its way out.
      webSocket.on("error", () => webSocket.terminate());
      if (text !== undefined) webSocket.send(text);
      webSocket.close(close.code, close.reason);
    });
  };
}
