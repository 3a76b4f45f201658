import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Engine, Handshake } from "./engine.ts";
import { isRefused, type Refused, rejectUpgrade } from "./refused.ts";
import { UpgradeServer } from "./web-socket-server.ts";

/** What an address makes of a request: a handshake, or why there is none. */
export type UpgradeAnswer = Handshake | Refused;

/** Who is let in at which address, by its path. An answer may take its time. */
export type Addresses = ReadonlyMap<string, (request: IncomingMessage) => Promise<UpgradeAnswer>>;

/** What the routing of upgrades needs of its surroundings. */
export interface UpgradesContext {
  readonly engine: Engine;
  readonly addresses: Addresses;
  /** Path that Engine.IO's listener takes. */
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
 * Sends each WebSocket upgrade to where its path belongs; Socket.IO's own are left to it.
 *
 * @returns a function that stops listening
 */
export function routeUpgrades(server: HttpServer, context: UpgradesContext): () => void {
  const { engine, addresses, onRefused, onCrash } = context;
  const refuse = refusalBy(context.refusal);
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (request.url?.startsWith(context.socketIoPath)) return;
    const url = urlOf(request);
    const address = url === undefined ? undefined : addresses.get(url.pathname);
    if (url === undefined) rejectUpgrade(stream, 400);
    else if (address === undefined) rejectUpgrade(stream, 404);
    else if (request.method !== "GET") rejectUpgrade(stream, 400);
    else {
      whileWaiting(stream, address(request))
        .then((answer) => {
          if (!isRefused(answer)) engine.upgrade(request, stream, head, answer);
          else {
            onRefused(answer);
            refuse(request, stream, head, answer);
          }
        })
        .catch((error: unknown) => {
          onCrash(error);
          stream.destroy();
        });
    }
  };
  server.on("upgrade", onUpgrade);
  return () => server.off("upgrade", onUpgrade);
}

/** The path and query of a request, if they can be read. The host does not matter here. */
export function urlOf({ url = "/" }: IncomingMessage): URL | undefined {
  const base = "http://localhost";
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}

/** Waits for an answer; a stream that breaks meanwhile is destroyed, and found so afterwards. */
async function whileWaiting<Answer>(stream: Duplex, answer: Promise<Answer>): Promise<Answer> {
  const onError = (): void => void stream.destroy();
  stream.on("error", onError);
  try {
    return await answer;
  } finally {
    stream.off("error", onError);
  }
}

type Refuse = (request: IncomingMessage, stream: Duplex, head: Buffer, refused: Refused) => void;

function refusalBy(way: "status" | "close"): Refuse {
  if (way === "status") {
    return (_request, stream, _head, { status, text }) => rejectUpgrade(stream, status, text);
  }
  const webSockets = new UpgradeServer({
    maxPayload: MAX_REFUSED_FRAME_BYTES,
    // A browser that offers some hangs up, without reading why, if none is selected.
    handleProtocols: (offered) =>
      offered.has(SUBPROTOCOL) ? SUBPROTOCOL : (offered.values().next().value ?? false),
  });
  return (request, stream, head, { close }) => {
    webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      // Whatever it sends, or however it breaks, it is on its way out.
      webSocket.on("error", () => webSocket.terminate());
      webSocket.close(close.code, close.reason);
    });
  };
}
