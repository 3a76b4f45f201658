import { describe, it } from "vitest";
import { closesOnce, comesBack, leaving, linesOf, staying } from "./own-websocket-scenes.ts";

/** In a Node of its own, from the build. Node 20 has no WebSocket, and is given that of `ws`. */
const start = (program: string) => (address: string) =>
  linesOf(process.execPath, ["--input-type=module", "-e", program, address]);

describe("a room client with the WebSocket that README names for this Node", () => {
  it("comes back to a server that was away, at first and again", () => comesBack(start(staying)));

  it("is closed once, and without an error, while it connects", () => closesOnce(start(leaving)));
});
