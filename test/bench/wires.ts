import { compareBroadcasts, type Member } from "./broadcast.ts";
import { connectClients } from "./clients/client.ts";
import {
  type Greeting,
  greetAsPhoenix,
  greetAsPhoenixV1,
  greetAsPlain,
  greetAsTower,
} from "./clients/greeting.ts";
import { connectPollers } from "./clients/poller.ts";
import { ROOM } from "./load.ts";
import type { Goal, Result } from "./result.ts";
import type { Pace } from "./round.ts";
import { type ServerName, type ServerProcess, startServer } from "./server-process.ts";

const V2 = "phoenix V2";
const V1 = "phoenix V1";
const BINARY = "phoenix V2, bytes";
const LONG_POLL = "phoenix V2, long-poll";
const PLAIN = "plain";
const TEXT = "phoenix V2, a backend's text";
const PLAIN_TEXT = "plain, a backend's text";
const TOWER = "tower, a backend's text";

/** A way to be a member of the room. */
export interface Wire {
  readonly name: string;
  readonly server: ServerName;
  connect(port: number, members: number): Promise<readonly (Member & { cut(): void })[]>;
}
interface Running {
  readonly name: string;
  readonly server: ServerProcess;
  readonly members: Awaited<ReturnType<Wire["connect"]>>;
}

function over(greeting: (room: string) => Greeting): Wire["connect"] {
  return (port, members) => connectClients(port, members, () => greeting(ROOM));
}

const phoenixV2: Wire = { name: V2, server: "commonroom", connect: over(greetAsPhoenix) };

/** Every wire that carries JSON or bytes. */
export const allWires: readonly Wire[] = [
  phoenixV2,
  { name: V1, server: "commonroom", connect: over(greetAsPhoenixV1) },
  { name: BINARY, server: "commonroom-bytes", connect: over(greetAsPhoenix) },
  { name: PLAIN, server: "commonroom", connect: over(greetAsPlain) },
  { name: TEXT, server: "commonroom-text", connect: over(greetAsPhoenix) },
  { name: PLAIN_TEXT, server: "commonroom-text", connect: over(greetAsPlain) },
  {
    name: LONG_POLL,
    server: "commonroom",
    connect: (port, members) => connectPollers(port, members, ROOM),
  },
];
/** Those of many readers and one backend. */
export const towerWires: readonly Wire[] = [
  phoenixV2,
  { name: TOWER, server: "commonroom-text", connect: over(greetAsTower) },
];
/** The dearest part is the system call, which is the same; a poll is a whole HTTP request. */
const goals: readonly Goal[] = [
  { name: V1, baseline: V2, atMost: 1.1 },
  { name: BINARY, baseline: V2, atMost: 1.1 },
  { name: PLAIN, baseline: V2, atMost: 1.1 },
  { name: TEXT, baseline: V2, atMost: 1.1 },
  { name: PLAIN_TEXT, baseline: V2, atMost: 1.1 },
  { name: TOWER, baseline: V2, atMost: 1.1 },
  { name: LONG_POLL, baseline: V2, atMost: undefined },
];

/** A broadcast to members of one room, over each wire. */
export async function measureWires(
  wires: readonly Wire[],
  members: number,
  pace: Pace,
): Promise<Result[]> {
  const running: Running[] = [];
  for (const wire of wires) {
    const server = await startServer(wire.server);
    running.push({
      name: wire.name,
      server,
      members: await wire.connect(server.port, members),
    });
  }
  const results = await compareBroadcasts(running, pace, () => goals);
  for (const each of running) {
    for (const member of each.members) member.cut();
    await each.server.stop();
  }
  return results;
}
