import type { RedisClientType } from "redis";
import {
  deriveId,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { EventSourceProcess } from "../support/event-source-process.ts";
import { connectBackend, freePort, type RedisServer, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { openChannels } from "./crowd-colonies.ts";
import { CrowdLoad } from "./crowd-load.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { CrowdNode } from "./crowd-node.ts";
import { type CrowdPlan, planCrowd } from "./crowd-plan.ts";
import { presenceProblems } from "./crowd-presence.ts";
import { writeSettings } from "./crowd-settings.ts";
import { BackendStream, ColoniesStream, type CrowdStream, MemberStream } from "./crowd-streams.ts";
import { remaining } from "./crowd-wait.ts";

/** What a crowd is to be like. */
export interface CrowdOptions {
  readonly members: number;
  /** Half of them keep a log. */
  readonly rooms: number;
  /** Of the rooms with a log, how many are channels of ColonyOS. */
  readonly channels: number;
  readonly presenceTimeoutMs: number;
  /** Whether members go to any node that is there. Otherwise each waits for its own. */
  readonly isRoaming: boolean;
}

/** Three nodes, a Redis, members of every kind in rooms of every kind, and who sends to them. */
export interface Crowd {
  readonly redis: RedisServer;
  readonly nodes: readonly [CrowdNode, CrowdNode, CrowdNode];
  readonly members: readonly CrowdMember[];
  readonly rooms: readonly CrowdRoom[];
  readonly load: CrowdLoad;
}

/** A room, with all that is to be known of it. */
export interface CrowdRoom {
  readonly name: string;
  readonly keepsLog: boolean;
  readonly members: readonly CrowdMember[];
  readonly streams: readonly CrowdStream[];
}

const SETTLE_MS = 60_000;
const PUSHERS_PER_ROOM = 2;

/** Starts the nodes and the members, and waits until all have joined. The load does not run yet. */
export async function gather(options: CrowdOptions): Promise<Crowd> {
  const redis = await startRedis();
  const privateKey = generatePrivateKey();
  const config = await writeSettings({ ...options, userId: deriveId(privateKey) });
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const nodes = (await Promise.all(
    ports.map((port, index) =>
      CrowdNode.start({ name: `node${index}`, port, redisUrl: redis.url, config }),
    ),
  )) as [CrowdNode, CrowdNode, CrowdNode];
  const kept = options.rooms / 2 - options.channels;
  const plan: CrowdPlan = {
    count: options.members,
    openRooms: names("jobs-open", options.rooms / 2),
    keptRooms: names("jobs-kept", kept),
    channels: await openChannels(ports[0], privateKey, options.channels),
    eventSources: new EventSourceProcess(),
    portsFrom: (home: number) =>
      options.isRoaming ? [...ports.slice(home), ...ports.slice(0, home)] : [ports[home] ?? 0],
  };
  const members = planCrowd(plan);
  const rooms = furnish(plan, members, await connectBackend(redis.url), ports);
  for (const member of members) member.start();
  const crowd = { redis, nodes, members, rooms, load: new CrowdLoad(byTurns(rooms)) };
  await allJoined(crowd);
  return crowd;
}

/** Waits until every member is in its room, and its presence is as it should be everywhere. */
export async function allJoined({ members, rooms, nodes }: Crowd): Promise<void> {
  const missing = (): string[] =>
    members.filter(({ record }) => record.stay === undefined).map(({ seat }) => seat.name);
  await until("all to be in their rooms", () => missing().length === 0, SETTLE_MS).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}, without ${missing().join()}`);
    },
  );
  const problems = async (): Promise<string[]> => {
    const all = await Promise.all(
      rooms.map((room) => presenceProblems(room.name, nodes, room.members)),
    );
    return all.flat();
  };
  const left = await remaining(problems, SETTLE_MS);
  if (left.length > 0) throw new Error(left.join("\n"));
}

function furnish(
  { openRooms, keptRooms, channels }: CrowdPlan,
  members: readonly CrowdMember[],
  backend: RedisClientType,
  ports: readonly number[],
): CrowdRoom[] {
  return [...openRooms, ...keptRooms, ...channels.keys()].map((name, index) => {
    const keepsLog = index >= openRooms.length;
    const inside = members.filter(({ seat }) => seat.room === name);
    const channel = channels.get(name);
    const outer =
      channel === undefined
        ? new BackendStream(backend, name)
        : new ColoniesStream(name, channel, ports);
    const pushers = pushersOf(inside, index).map((member) => new MemberStream(member, keepsLog));
    return { name, keepsLog, members: inside, streams: [outer, ...pushers] };
  });
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Members that can push, of kinds that take turns from room to room. */
function pushersOf(members: readonly CrowdMember[], turn: number): CrowdMember[] {
  const able = members.filter(({ seat }) => !/^(?:Tower|ColonyOS|EventSource)/.test(seat.name));
  const kinds = [...new Set(able.map(kindOf))];
  return Array.from({ length: PUSHERS_PER_ROOM }, (_, index) => {
    const kind = kinds[(turn * PUSHERS_PER_ROOM + index) % kinds.length];
    const same = able.filter((member) => kindOf(member) === kind);
    return same[turn % same.length];
  }).filter((member) => member !== undefined);
}

function kindOf({ seat }: CrowdMember): string {
  return seat.name.replace(/-\d+$/, "");
}

/** The streams of all rooms, so that each room gets its turn before any gets another. */
function byTurns(rooms: readonly CrowdRoom[]): CrowdStream[] {
  return Array.from({ length: PUSHERS_PER_ROOM + 1 }, (_, turn) =>
    rooms.flatMap(({ streams }) => streams.slice(turn, turn + 1)),
  ).flat();
}
