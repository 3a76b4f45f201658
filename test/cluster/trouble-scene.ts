import type { Socket } from "socket.io-client";
import { connectPhoenix } from "../support/phoenix-client.ts";
import { connectPlain } from "../support/plain-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

const rooms = [
  { match: "log:*", log: {}, presence: false },
  { match: "*", presence: false },
];

const HEAR_MS = 20_000;

/** What a member has heard, a line each: `hello 1`, `missed`, `joined`. */
export interface Witness {
  readonly name: string;
  readonly heard: string[];
}

/** A node with a member of each kind. */
export interface Node {
  readonly server: TestServer;
  /** In `lobby`, which keeps no log. */
  readonly witnesses: readonly Witness[];
  /** In `log:a`. */
  readonly logged: Witness;
  /** Sends into a room as a member. */
  say(room: string, n: number): void;
}

/** Starts a node on a Redis, with members of several dialects. */
export async function startWitnessed(redisUrl: string, options: object = {}): Promise<Node> {
  const server = await startServer({ redisUrl, rooms, ...options });
  const speaker = await connectSocketIo(server.url);
  for (const room of ["lobby", "log:a"]) await ask(speaker, "join", room, {});
  const logged = { name: "logged", heard: [] };
  noteNative(logged, await joinNative(server, "log:a"));
  const witnesses = [await phoenix(server), await native(server), await plain(server)];
  return {
    server,
    witnesses,
    logged,
    say: (room, n) => void speaker.emit("push", room, "hello", { n }),
  };
}

/** A client of phoenix.js, which joins again when it is told to. */
async function phoenix({ wsUrl }: TestServer): Promise<Witness> {
  const witness: Witness = { name: "phoenix", heard: [] };
  const socket = connectPhoenix(`${wsUrl}/socket`, { rejoinAfterMs: () => 50 });
  const channel = socket.channel("lobby", {});
  channel.join().receive("ok", () => void witness.heard.push("joined"));
  await until("the join", () => witness.heard.length > 0);
  witness.heard.length = 0;
  channel.onError((reason?: unknown) => {
    const isMissed = JSON.stringify(reason ?? {}).includes("messages_missed");
    witness.heard.push(isMissed ? "missed" : `ended: ${JSON.stringify(reason)}`);
  });
  channel.on("hello", ({ n }: { n: number }) => void witness.heard.push(`hello ${n}`));
  return witness;
}

async function native(server: TestServer): Promise<Witness> {
  const witness: Witness = { name: "socket.io", heard: [] };
  noteNative(witness, await joinNative(server, "lobby"));
  return witness;
}

async function joinNative({ url }: TestServer, room: string): Promise<Socket> {
  const socket = await connectSocketIo(url);
  await ask(socket, "join", room, {});
  return socket;
}

function noteNative({ heard }: Witness, socket: Socket): void {
  socket.on("hello", ({ n }: { n: number }) => heard.push(`hello ${n}`));
  socket.on("missed", ({ code }: { code: string }) => heard.push(wordOf(code)));
}

async function plain(server: TestServer): Promise<Witness> {
  const witness: Witness = { name: "plain", heard: [] };
  const client = await connectPlain(server);
  client.webSocket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { n?: number; code?: string };
    if (frame.n !== undefined) witness.heard.push(`hello ${frame.n}`);
    if (frame.code !== undefined) witness.heard.push(wordOf(frame.code));
  });
  client.send({ type: "_join", room: "lobby", _id: 1 });
  await until("the join", () => client.received.length > 0);
  return witness;
}

function wordOf(code: string): string {
  return code === "messages_missed" ? "missed" : code;
}

/**
 * Says something new in both rooms again and again, until everyone has heard the same of it: members
 * that were told of a loss join again in their own time.
 *
 * @returns the number that all have heard
 */
export async function hearAgain(nodes: readonly Node[], from: number): Promise<number> {
  const everyone = nodes.flatMap(({ witnesses, logged }) => [...witnesses, logged]);
  let last = from - 1;
  const heardByAll = (): number | undefined => {
    for (let n = from; n <= last; n += 1) {
      if (everyone.every(({ heard }) => heard.includes(`hello ${n}`))) return n;
    }
    last += 1;
    for (const room of ["lobby", "log:a"]) nodes[last % nodes.length]?.say(room, last);
    return undefined;
  };
  return until("everyone to hear the same", heardByAll, HEAR_MS);
}

/** What `GET /ready` answers. */
export async function readyAt({ url }: TestServer): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, body: await response.json() };
}
