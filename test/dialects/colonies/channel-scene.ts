import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "socket.io";
import { onTestFinished } from "vitest";
import { randomId } from "../../../server/auth/random-id.ts";
import { inMemory, overRedis, type ScaleOut } from "../../../server/bus/scale-out.ts";
import { type Clock, systemClock } from "../../../server/clock.ts";
import { Outgoing } from "../../../server/connections/outgoing.ts";
import { createSocketIo } from "../../../server/connections/socket-io.ts";
import { createCounters } from "../../../server/counters.ts";
import { createChannelHandlers } from "../../../server/dialects/colonies/channels/channel-handlers.ts";
import {
  CHANNEL_ROOMS,
  isChannelRoom,
} from "../../../server/dialects/colonies/channels/channel-room.ts";
import { Channels } from "../../../server/dialects/colonies/channels/channels.ts";
import type { WireEntry } from "../../../server/dialects/colonies/channels/entry.ts";
import { ProcessChannel } from "../../../server/dialects/colonies/channels/process-channel.ts";
import type { Failure } from "../../../server/dialects/colonies/wire/outcome.ts";
import type { RequestOf } from "../../../server/dialects/colonies/wire/request.ts";
import { serveSocketIo } from "../../../server/dialects/socketio/requests.ts";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";
import { Rooms } from "../../../server/rooms/rooms.ts";
import { Turnstile } from "../../../server/turnstile.ts";
import { noRooms } from "../../support/no-rooms.ts";
import { startRedis } from "../../support/redis-server.ts";
import { EXECUTOR, KnownInTest, PROCESS, SUBMITTER } from "./known-in-test.ts";

/** What a test may say of its node. */
export interface SceneOptions {
  readonly options?: CommonroomOptions;
  readonly clock?: Clock;
  readonly redisUrl?: string | undefined;
  readonly known?: KnownInTest;
  readonly keepRoomMs?: number;
}

type Append = Partial<RequestOf<"channelappendmsg">> & { readonly text?: string };
type Read = Partial<RequestOf<"channelreadmsg">>;

/** One node with the channels of processes, and nothing else of the dialect. */
export interface Scene {
  readonly url: string;
  readonly io: Server;
  readonly rooms: Rooms;
  readonly channels: Channels;
  readonly known: KnownInTest;
  readonly crashes: readonly unknown[];
  /** Appends to the channel `output`; gives back what is wrong, or undefined. */
  append(said?: Append, signer?: string): Promise<Failure | undefined>;
  /** Reads the channel `output`; fails where that is refused. */
  read(said?: Read, signer?: string): Promise<readonly WireEntry[]>;
  /** What is wrong with a read, or undefined. */
  readFailure(said?: Read, signer?: string): Promise<Failure | undefined>;
}

/** Starts a node; it ends with the test. */
export async function startScene(scene: SceneOptions = {}): Promise<Scene> {
  const { clock = systemClock, known = new KnownInTest(), redisUrl } = scene;
  const settings = optionsSchema.parse({ port: 0, ...scene.options });
  const crashes: unknown[] = [];
  const onCrash = (error: unknown): void => void crashes.push(error);
  const scaleOut = createScaleOut(redisUrl);
  const outgoing = new Outgoing();
  const io = createSocketIo(outgoing, scaleOut.createAdapter, settings.limits, (_request, decide) =>
    decide(null, true),
  );
  const rooms = new Rooms({
    io,
    backends: scaleOut.backends,
    hasOtherNodes: false,
    admit: (_room, { joinToken }) => ({ ok: true, id: joinToken, expiresAtMs: undefined }),
    connectionToken: () => undefined,
    settings: settings.rooms,
    relay: settings.relay,
    limits: settings.limits,
    clock,
    randomId,
    joins: new Turnstile({ perSec: 5000, maxWaiting: 100 }, clock),
    createLogs: scaleOut.createLogs,
    spareBytes: () => Number.POSITIVE_INFINITY,
    onUnlogged: () => {},
    onInterrupted: () => {},
    onCrash,
  });
  outgoing.recorder = rooms.logs;
  outgoing.interceptor = rooms;
  const channels = new Channels({
    logs: rooms.logs,
    backends: scaleOut.backends,
    processes: known,
    membership: known,
    clock,
    settings: {
      ...settings.colonies,
      maxPayloadBytes: settings.limits.maxFrameBytes,
      roomSettingsOf: (room) => rooms.settingsOf(room),
    },
  });
  const processChannel = new ProcessChannel({
    io,
    memberships: rooms.memberships,
    tracking: rooms.tracking,
    logs: rooms.logs,
    backends: scaleOut.backends,
    processes: known,
    clock,
    settings: {
      ...settings.colonies,
      ...(scene.keepRoomMs !== undefined && { keepRoomMs: scene.keepRoomMs }),
      roomSettingsOf: (room) => rooms.settingsOf(room),
    },
    onCrash,
  });
  rooms.channels.declareBuiltIn(CHANNEL_ROOMS, isChannelRoom, processChannel);
  io.on("connection", (socket) => serveSocketIo(socket, rooms));
  const http = createServer();
  io.attach(http);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  await scaleOut.start(noRooms);
  onTestFinished(async () => {
    processChannel.stop();
    rooms.stop();
    await io.close();
    await scaleOut.stop();
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    io,
    rooms,
    channels,
    known,
    crashes,
    ...asking(channels),
  };
}

/** The url of a Redis of the test's own, or undefined for memory. */
export async function redisUrlFor(store: "memory" | "Redis"): Promise<string | undefined> {
  return store === "memory" ? undefined : (await startRedis()).url;
}

/** Requests as their handlers get them. */
function asking(channels: Channels): Pick<Scene, "append" | "read" | "readFailure"> {
  const handlers = createChannelHandlers(channels);
  const { signal } = new AbortController();
  const askRead = (said: Read = {}, signer = SUBMITTER) => {
    const request = { processid: PROCESS, name: "output", afterseq: 0, limit: 0, ...said };
    return handlers.channelreadmsg({ msgtype: "channelreadmsg", ...request }, { signer, signal });
  };
  return {
    append: async ({ text = "hi", ...said } = {}, signer = EXECUTOR) => {
      const request: RequestOf<"channelappendmsg"> = {
        msgtype: "channelappendmsg",
        processid: PROCESS,
        name: "output",
        sequence: 1,
        inreplyto: 0,
        payload: Buffer.from(text),
        type: "data",
        ...said,
      };
      const outcome = await handlers.channelappendmsg(request, { signer, signal });
      return outcome.ok ? undefined : outcome.failure;
    },
    read: async (said, signer) => {
      const outcome = await askRead(said, signer);
      if (!outcome.ok) throw new Error(outcome.failure.message);
      return outcome.value as readonly WireEntry[];
    },
    readFailure: async (said, signer) => {
      const outcome = await askRead(said, signer);
      return outcome.ok ? undefined : outcome.failure;
    },
  };
}

function createScaleOut(url: string | undefined): ScaleOut {
  if (url === undefined) return inMemory();
  return overRedis(url, {
    counters: createCounters(),
    onStatus: () => {},
    onProblem: () => {},
  });
}
