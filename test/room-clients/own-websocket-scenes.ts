import { spawn } from "node:child_process";
import { expect, onTestFinished } from "vitest";
import { heardBy, joinPlain } from "../support/plain-client.ts";
import { outputOf } from "../support/process-output.ts";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

/** A member's program, for every runtime; its last argument is the server's address. */
export const staying = `
import { Channel } from "commonroom/client";

// Node 20 has no WebSocket of its own, and takes that of \`ws\`, as README says.
const { WebSocket = (await import("ws")).WebSocket } = globalThis;
const tell = (...said) => console.log(said.join(" "));
const channel = new Channel(process.argv.at(-1), {
  WebSocket,
  autoReconnect: true,
  reconnectDelay: 0.02,
});
channel.onError(({ code }) => tell("error", code));
channel.onClose(() => tell("close"));
channel.onRoomMessage("lobby", ({ text }) => tell("heard", text));
const connecting = channel.connect().catch(({ code }) => tell("rejected", code));
void channel.join("lobby").catch(() => {});
`;

/** The same, and closed while it connects. */
export const leaving = `${staying}
await channel.close();
await connecting;
tell(channel.state);
process.exit();
`;

/** Starts a program, {@link staying} or {@link leaving}, at an address: what it prints, a line each. */
export type StartMember = (address: string) => () => readonly string[];

/** Starts a process that ends with the test, and gives what it has printed, a line each. */
export function linesOf(
  command: string,
  args: readonly string[],
  cwd?: string,
): () => readonly string[] {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill());
  const output = outputOf(child);
  return () => output().split("\n").filter(Boolean);
}

/** A member whose server is away, at first and again, is in its room each time that it is back. */
export async function comesBack(start: StartMember): Promise<void> {
  const server = await startServer();
  const proxy = await TcpProxy.start(server.port);
  const witness = await joinPlain(server, "lobby");
  proxy.cut();
  const lines = start(`ws://127.0.0.1:${proxy.port}/ws`);
  const { rooms } = server.commonroom.io.of("/").adapter;
  for (const text of ["once", "twice"]) {
    const failures = (): number => lines().filter((line) => line.startsWith("error")).length;
    const before = failures();
    await until("two failures", () => failures() >= before + 2, 15_000);
    proxy.restore();
    await until("it to join", () => rooms.get("lobby")?.size === 2);
    witness.send({ text, _room: "lobby" });
    await heardBy(witness);
    await until("it to hear", () => lines().includes(`heard ${text}`));
    proxy.cut();
  }
  expect(lines().slice(0, 3).toSorted()).toEqual([
    "close",
    "error not_connected",
    "rejected not_connected",
  ]);
}

/** A member that is closed while it connects is told of one end, and of no error. */
export async function closesOnce(start: StartMember): Promise<void> {
  const server = await startServer();
  const lines = start(`${server.wsUrl}/ws`);
  await until("the end", () => lines().includes("closed"), 15_000);
  expect(lines()).toEqual(["close", "rejected not_connected", "closed"]);
}
