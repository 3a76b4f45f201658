import type { Server as SocketIoServer } from "socket.io";
import { type ApplicationServer, attachRefusal, divert } from "./attach.ts";
import { type ListenAddress, listen } from "./listen.ts";
import { listenRefusal } from "./loopback.ts";
import { type CommonroomOptions, type Options, optionsSchema, roomPattern } from "./options.ts";
import type { AnyDefinition } from "./rooms/defined-channel.ts";
import type { ChannelDefinition } from "./rooms/definition.ts";
import type { PresenceState } from "./rooms/presence.ts";
import type { DrainLimits } from "./shutdown.ts";
import type { Status } from "./status.ts";
import type { Surroundings } from "./wiring/base.ts";
import { type Parts, wire } from "./wiring/wiring.ts";

export type { Surroundings } from "./wiring/base.ts";

/** One node: an HTTP server, a Socket.IO server, its rooms, and its connections to Redis. */
export interface Commonroom {
  /** The Socket.IO server. Every client is a socket of it, and every room one of its rooms. */
  readonly io: SocketIoServer;
  /**
   * Connects to Redis, if one is configured, and listens. A Redis that cannot be reached is logged
   * and tried again for ever; local rooms are served meanwhile.
   *
   * @throws Error if the host is not loopback and no key is configured, or the system's error if
   * the port cannot be taken; also where this node serves already, or was closed
   */
  listen(): Promise<ListenAddress>;
  /**
   * Serves at the application's own HTTP or Express server, instead of {@link listen}: the
   * WebSocket and long-poll addresses, `/socket.io/`, `/token`, `/publish`, `/health`, `/ready`, what
   * is under `/rooms/` of rooms that may be read, and `/api` and `/pubsub` where the settings speak
   * of ColonyOS. All other requests and upgrades stay the application's. Call it after the server has
   * its own listeners. Connects to Redis as {@link listen} does. {@link close} leaves the server
   * running.
   *
   * @throws Error without a secret and without a public key, unless the server already listens on
   * a loopback address; also where this node serves already, or was closed
   *
   * @example
   * const server = express().listen(3000);
   * await commonroom.attach(server);
   */
  attach(server: ApplicationServer): Promise<void>;
  /**
   * Closes all connections that the `connect` hook gave this id with 1001, in every dialect and on
   * every node. A backend says the same with `PUBLISH to:<id>:disconnect {}`.
   */
  disconnect(id: string): void;
  /**
   * Declares how the rooms of a pattern behave, for clients of every dialect. The first pattern
   * that covers a room wins. With the first one, the relay ends, unless `relay: true`.
   *
   * @param pattern an exact name, or a prefix with one trailing `*`
   * @throws ZodError if the pattern is wrong
   *
   * @example
   * commonroom.channel("room:*", {
   *   params: z.object({ name: z.string() }),
   *   join: (_candidate, { name }) => accept({ name }),
   *   on: {
   *     shout: {
   *       payload: z.object({ text: z.string() }),
   *       handle(member, { text }) {
   *         member.broadcast("shout", { text, by: member.state.name });
   *         return reply();
   *       },
   *     },
   *   },
   * });
   */
  channel<State, Params = undefined, Events = Record<never, never>>(
    pattern: string,
    definition: ChannelDefinition<State, Params, Events>,
  ): void;
  /** Who is present in a room, on all nodes, as members are told. */
  presences(room: string): Promise<PresenceState>;
  /** What the node says of itself now. */
  status(): Status;
  /**
   * Stops accepting, closes every client with 1012, and stops everything that was started, within
   * `limits.shutdownTimeoutMs`. Harmless when repeated.
   */
  close(): Promise<void>;
}

/**
 * Makes a server: rooms whose members speak Phoenix Channels, Socket.IO, plain JSON, Tower's or
 * ColonyOS's protocol, and backends on Redis. Nothing listens before {@link Commonroom.listen}.
 *
 * @param options all have defaults; see {@link CommonroomOptions}
 * @param surroundings what the application adds, such as who may connect
 * @throws ZodError if an option is wrong
 * @throws Error if the public key cannot be used
 *
 * @example
 * const commonroom = createCommonroom({ port: 3000, auth: { jwtSecret } });
 * const { url } = await commonroom.listen();
 * commonroom.io.to("lobby").emit("hi", { from: "the server" });
 */
export function createCommonroom(
  options: CommonroomOptions = {},
  surroundings: Surroundings = {},
): Commonroom {
  const settings = optionsSchema.parse(options);
  const parts = wire(settings, surroundings);
  const { io, http, rooms, identities, place } = parts;
  let detach = (): void => {};
  let isTaken: boolean = false;
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  const checkOpen = (): void => {
    if (stopping !== undefined) throw new Error("this node is closed");
  };
  const checkFree = (): void => {
    checkOpen();
    if (isTaken) throw new Error("this node serves already");
  };
  const startOnce = async (): Promise<void> => {
    starting ??= start(parts);
    await starting;
    checkOpen();
  };
  return {
    io,
    status: parts.status,
    channel: (pattern, definition) => {
      // The types have been checked here; inside, payloads are unknown.
      rooms.declare(roomPattern.parse(pattern), definition as unknown as AnyDefinition);
    },
    presences: (room) => rooms.tracking.list(room),
    listen: async () => {
      checkFree();
      const refusal = listenRefusal(settings);
      if (refusal !== undefined) throw new Error(refusal);
      isTaken = true;
      try {
        await startOnce();
        return await listenAt(parts, settings, checkOpen);
      } catch (error) {
        isTaken = false;
        checkOpen();
        throw error;
      }
    },
    attach: async (server) => {
      checkFree();
      const refusal = attachRefusal(server, parts.isOpenHouse);
      if (refusal !== undefined) throw new Error(refusal);
      isTaken = true;
      place.server = server;
      await startOnce();
      detach = divert(server, http, parts.isOurs);
    },
    disconnect: (id) => identities.disconnect(id),
    close: () => {
      stopping ??= stop(parts, settings.limits).finally(() => detach());
      return stopping;
    },
  };
}

/** Starts what speaks to backends and to other nodes. */
async function start({ scaleOut, presence, busRooms }: Parts): Promise<void> {
  presence.start();
  await scaleOut.start(busRooms);
  await presence.ready();
}

/** @param checkOpen throws if the node was closed meanwhile: the close has found nothing to close */
async function listenAt(
  { http, coloniesPort }: Parts,
  settings: Options,
  checkOpen: () => void,
): Promise<ListenAddress> {
  const { host, colonies } = settings;
  try {
    const address = await listen(http, settings);
    checkOpen();
    if (colonies.port === undefined) return address;
    const { port } = await coloniesPort.listen(host, colonies.port);
    checkOpen();
    return { ...address, coloniesPort: port };
  } catch (error) {
    http.close();
    throw error;
  }
}

/** Ends all clients, and then everything that was started. */
async function stop(parts: Parts, limits: DrainLimits): Promise<void> {
  const { gate, longPoll, tower, colonies, shutdown, io, engine, rooms, presence, scaleOut } =
    parts;
  gate.close();
  tower.close();
  longPoll.close();
  parts.coloniesPort.close();
  colonies.endWaiting();
  await shutdown.run(limits);
  await io.close();
  engine.close();
  rooms.stop();
  presence.stop();
  await colonies.stop();
  await scaleOut.stop();
}
