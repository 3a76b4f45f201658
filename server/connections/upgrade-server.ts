import { type ServerOptions, WebSocketServer } from "ws";

/** How long a peer may take to answer a close frame before its connection is cut. */
const CLOSE_TIMEOUT_MS = 2000;

/** The WebSocket server of all dialects: for upgrades that others route, without compression. */
export class UpgradeServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    // The types of ws lack `closeTimeout`.
    const ours = {
      ...options,
      noServer: true,
      clientTracking: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    super({ ...ours, perMessageDeflate: false });
  }
}
