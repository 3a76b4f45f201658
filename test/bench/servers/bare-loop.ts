import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { encodeFrame } from "../../../server/connections/frame.ts";
import { PHOENIX_BROADCAST } from "../load.ts";
import { listening } from "./listening.ts";
import { serve } from "./serve.ts";

/** A client of `ws` below `send`, which its types leave out. */
interface Framed {
  readonly _sender: { sendFrame(frame: readonly Uint8Array[]): void };
}

/**
 * The least that a broadcast over `ws` can cost: no rooms, no members, no encoding; each client is
 * handed the ready frame below `send`, as Socket.IO does it. The frame is in one piece: in two, as
 * Socket.IO has it, it costs a gathering write for each client.
 */
const http = createServer();
const { clients } = new WebSocketServer({ server: http, perMessageDeflate: false });
serve({
  port: await listening(http),
  publish: () => {
    const frame = [encodeFrame(PHOENIX_BROADCAST)];
    for (const client of clients as unknown as Set<Framed>) client._sender.sendFrame(frame);
  },
});
