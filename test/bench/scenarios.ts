import { compareBroadcasts } from "./broadcast.ts";
import { type Client, connectClients } from "./clients/client.ts";
import { type Greeting, greetAsPhoenix, greetAsSocketIo, greetBare } from "./clients/greeting.ts";
import { ROOM } from "./load.ts";
import { pushLane } from "./push.ts";
import { type Goal, type Result, summarize } from "./result.ts";
import { type Pace, runInTurns } from "./round.ts";
import { type ServerName, type ServerProcess, startServer } from "./server-process.ts";

const PUSHERS = 50;
const PUSHES_UNDER_WAY = 4;

interface Contender {
  readonly name: string;
  readonly server: ServerName;
  readonly greetingOf: (index: number) => Greeting;
}
interface Running {
  readonly contender: Contender;
  readonly server: ServerProcess;
  readonly clients: readonly Client[];
}

const PHOENIX = "commonroom, phoenix";
const SOCKET_IO = "commonroom, Socket.IO";
const STOCK = "stock Socket.IO";
const BARE = "bare ws loop";

const broadcasters: readonly Contender[] = [
  { name: PHOENIX, server: "commonroom", greetingOf: () => greetAsPhoenix(ROOM) },
  { name: BARE, server: "bare-loop", greetingOf: greetBare },
  { name: SOCKET_IO, server: "commonroom", greetingOf: () => greetAsSocketIo(ROOM) },
  { name: STOCK, server: "stock-socket-io", greetingOf: () => greetAsSocketIo(ROOM) },
];
const pushers: readonly Contender[] = [
  { name: PHOENIX, server: "commonroom", greetingOf: (index) => greetAsPhoenix(ownRoom(index)) },
  { name: BARE, server: "bare-reply", greetingOf: greetBare },
];

/** One message at a time, and eight under way, to `members` members of one room. */
export async function measureBroadcast(members: number, pace: Pace): Promise<Result[]> {
  const running = await startAll(broadcasters, members);
  const all = running.map(({ contender: { name }, server, clients }) => ({
    name,
    server,
    members: clients,
  }));
  const results = await compareBroadcasts(all, pace, broadcastGoals);
  await stopAll(running);
  return results;
}

/** A push with its reply in a room of one. */
export async function measurePush(pace: Pace): Promise<Result[]> {
  const running = await startAll(pushers, PUSHERS);
  const lanes = running.map(({ contender, server, clients }) =>
    pushLane(contender.name, server, clients, ownRoom, PUSHES_UNDER_WAY),
  );
  const rounds = await runInTurns(lanes, pace);
  await stopAll(running);
  const title = `${PUSHERS} x ${PUSHES_UNDER_WAY} pushes, room of one`;
  return summarize(title, [PHOENIX, BARE], rounds, [
    { name: PHOENIX, baseline: BARE, atMost: 1.2 },
  ]);
}

function broadcastGoals(underWay: number): Goal[] {
  return [
    { name: PHOENIX, baseline: BARE, atMost: underWay === 1 ? 1.1 : 0.45 },
    { name: SOCKET_IO, baseline: STOCK, atMost: 1 },
    { name: STOCK, baseline: BARE, atMost: undefined },
  ];
}

/** Covered by no pattern of the server's own, so that a push goes where it goes by default. */
function ownRoom(index: number): string {
  return `room:${index}`;
}

async function startAll(contenders: readonly Contender[], clients: number): Promise<Running[]> {
  const running: Running[] = [];
  for (const contender of contenders) {
    const server = await startServer(contender.server);
    const connected = await connectClients(server.port, clients, contender.greetingOf);
    running.push({ contender, server, clients: connected });
  }
  return running;
}

async function stopAll(running: readonly Running[]): Promise<void> {
  for (const { server, clients } of running) {
    for (const client of clients) client.cut();
    await server.stop();
  }
}
