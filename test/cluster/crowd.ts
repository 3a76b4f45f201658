import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  deriveId,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { connectBackend, freePort, type RedisServer, startRedis } from "../support/redis-server.ts";
import { secret } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { type CrowdChannel, coloniesClient } from "./crowd-colonies.ts";
import { CrowdLoad } from "./crowd-load.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { CrowdNode } from "./crowd-node.ts";
import { planCrowd } from "./crowd-plan.ts";
import { presenceProblems } from "./crowd-presence.ts";
import { BackendStream, ColoniesStream, type CrowdStream, MemberStream } from "./crowd-streams.ts";

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

const COLONY = "crowd";
const SETTLE_MS = 60_000;
const PUSHERS_PER_ROOM = 2;

/** Starts the nodes and the members, and waits until all have joined. The load does not run yet. */
export async function gather(options: CrowdOptions): Promise<Crowd> {
  const redis = await startRedis();
  const privateKey = generatePrivateKey();
  const config = await writeSettings(options, deriveId(privateKey));
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const nodes = (await Promise.all(
    ports.map((port, index) =>
      CrowdNode.start({ name: `node${index}`, port, redisUrl: redis.url, config }),
    ),
  )) as [CrowdNode, CrowdNode, CrowdNode];
  const kept = options.rooms / 2 - options.channels;
  const plan = {
    count: options.members,
    openRooms: names("jobs-open", options.rooms / 2),
    keptRooms: names("jobs-kept", kept),
    channels: await openChannels(ports[0], privateKey, options.channels),
    portsFrom: (home: number) =>
      options.isRoaming ? [...ports.slice(home), ...ports.slice(0, home)] : [ports[home] ?? 0],
  };
  const members = planCrowd(plan);
  const backend = await connectBackend(redis.url);
  const all = [...plan.openRooms, ...plan.keptRooms, ...plan.channels.keys()];
  const rooms = all.map((name, index) => {
    const keepsLog = index >= plan.openRooms.length;
    const inside = members.filter(({ seat }) => seat.room === name);
    const channel = plan.channels.get(name);
    const outer =
      channel === undefined
        ? new BackendStream(backend, name)
        : new ColoniesStream(name, channel, ports);
    const pushers = pushersOf(inside, index).map((member) => new MemberStream(member, keepsLog));
    return { name, keepsLog, members: inside, streams: [outer, ...pushers] };
  });
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

/** Waits until no problem remains; gives those that remain when the time is up. */
export async function remaining(
  find: () => readonly string[] | Promise<readonly string[]>,
  timeoutMs: number,
): Promise<readonly string[]> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const problems = await find();
    if (problems.length === 0 || performance.now() > endMs) return problems;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Members that can push, of another kind in each room. */
function pushersOf(members: readonly CrowdMember[], turn: number): CrowdMember[] {
  const able = members.filter(({ seat }) => !/^(?:Tower|ColonyOS)/.test(seat.name));
  const step = Math.floor(able.length / PUSHERS_PER_ROOM);
  return Array.from({ length: PUSHERS_PER_ROOM }, (_, index) => {
    return able[(turn + index * step) % able.length];
  }).filter((member) => member !== undefined);
}

/** The streams of all rooms, so that each room gets its turn before any gets another. */
function byTurns(rooms: readonly CrowdRoom[]): CrowdStream[] {
  return Array.from({ length: PUSHERS_PER_ROOM + 1 }, (_, turn) =>
    rooms.flatMap(({ streams }) => streams.slice(turn, turn + 1)),
  ).flat();
}

async function openChannels(
  port: number,
  privateKey: string,
  count: number,
): Promise<Map<string, CrowdChannel>> {
  const channelNames = names("out", count);
  const { processid: processId } = await coloniesClient(port, {
    processId: "",
    name: "",
    privateKey,
  }).submitFunctionSpec({
    funcname: "speak",
    conditions: { colonyname: COLONY, executortype: "none" },
    channels: channelNames,
  });
  return new Map(
    channelNames.map((name) => [`process:${processId}:${name}`, { processId, name, privateKey }]),
  );
}

async function writeSettings({ presenceTimeoutMs }: CrowdOptions, id: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-crowd-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "settings.toml");
  const lines = [
    "[channel]",
    `jwt_secret = "${secret}"`,
    "[limits]",
    `presence_timeout_ms = ${presenceTimeoutMs}`,
    "long_poll_window_ms = 2000",
    "[[rooms]]",
    'match = "jobs-kept*"',
    "log = { size = 100000 }",
    "[[colonies.colonies]]",
    `name = "${COLONY}"`,
    `id = "${deriveId(generatePrivateKey())}"`,
    "[[colonies.users]]",
    `colony = "${COLONY}"`,
    'name = "ann"',
    `id = "${id}"`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}
