import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { heardBy, joinPlain } from "../support/plain-client.ts";
import { outputOf } from "../support/process-output.ts";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const START = `
  import { Channel } from "commonroom/client";
  const { WebSocket = (await import("ws")).WebSocket } = globalThis;
  const tell = (...said) => console.log(said.join(" "));
  const channel = new Channel(process.argv[1], {
    WebSocket,
    autoReconnect: true,
    reconnectDelay: 0.02,
  });
  channel.onError(({ code }) => tell("error", code));
  channel.onClose(({ code }) => tell("close", code));
  channel.onRoomMessage("lobby", ({ text }) => tell("heard", text));
  const connecting = channel.connect().catch(({ code }) => tell("rejected", code));
`;

/**
 * Runs the room client, from the build, in a process of its own, with the WebSocket that this Node
 * has itself; Node 20 has none, and takes that of `ws`, as README says.
 *
 * @returns what it has printed, a line each
 */
function runMember(url: string, script: string): () => string[] {
  const args = ["--input-type=module", "-e", `${START}${script}`, url];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill());
  const output = outputOf(child);
  return () => output().split("\n").filter(Boolean);
}

describe("a room client with Node's own WebSocket", () => {
  it("comes back to a server that was away, at first and again", async () => {
    const server = await startServer();
    const proxy = await TcpProxy.start(server.port);
    const witness = await joinPlain(server, "lobby");
    proxy.cut();
    const lines = runMember(`ws://127.0.0.1:${proxy.port}/ws`, 'void channel.join("lobby");');
    const { rooms } = server.commonroom.io.of("/").adapter;
    for (const text of ["once", "twice"]) {
      const before = lines().length;
      await until("two failures", () => lines().slice(before).length >= 3);
      proxy.restore();
      await until("it to join", () => rooms.get("lobby")?.size === 2);
      witness.send({ text, _room: "lobby" });
      await heardBy(witness);
      await until("it to hear", () => lines().includes(`heard ${text}`));
      proxy.cut();
    }
    expect(lines()[0]).toBe("close 1006");
    expect(lines()).toContain("rejected not_connected");
  });

  it("is closed once, and without an error, while it connects", async () => {
    const server = await startServer();
    const end = `
      await channel.close();
      await connecting;
      tell(channel.state);
    `;
    const lines = runMember(`${server.wsUrl}/ws`, end);
    await until("the end", () => lines().includes("closed"));
    expect(lines()).toEqual(["close 1006", "rejected not_connected", "closed"]);
  });
});
