import { randomBytes } from "node:crypto";
import type { Dialect } from "../connections/dialect.ts";
import type { Addresses } from "../connections/upgrades.ts";
import { coloniesAddresses } from "../dialects/colonies/addresses.ts";
import { Api } from "../dialects/colonies/api.ts";
import { createApiHandlers } from "../dialects/colonies/api-handlers.ts";
import { createChannelHandlers } from "../dialects/colonies/channels/channel-handlers.ts";
import { CHANNEL_ROOMS, isChannelRoom } from "../dialects/colonies/channels/channel-room.ts";
import { Channels } from "../dialects/colonies/channels/channels.ts";
import { ProcessChannel } from "../dialects/colonies/channels/process-channel.ts";
import { createColoniesDialect } from "../dialects/colonies/dialect.ts";
import { Assignments } from "../dialects/colonies/processes/assignments.ts";
import { Deadlines } from "../dialects/colonies/processes/deadlines.ts";
import { Processes } from "../dialects/colonies/processes/processes.ts";
import { Registry } from "../dialects/colonies/registry/registry.ts";
import { Signatures } from "../dialects/colonies/signatures/signatures.ts";
import type { ColoniesOptions } from "../options.ts";
import type { Rooms } from "../rooms/rooms.ts";
import type { Base } from "./base.ts";
import type { Doors } from "./doors.ts";

/** ColonyOS: processes with channels, and the ways in for their clients. */
export interface Colonies {
  readonly api: Api;
  readonly dialect: Dialect;
  readonly addresses: Addresses;
  /** Answers those who wait for a process: there will be none. Harmless when repeated. */
  endWaiting(): void;
  /** Stops all timers and threads. Harmless when repeated. */
  stop(): Promise<void>;
}

/** Whether the settings say anything of who takes part in colonies. */
export function namesColonists({ serverId, colonies, executors, users }: ColoniesOptions): boolean {
  return serverId !== undefined || [colonies, executors, users].some(({ length }) => length > 0);
}

/** Puts ColonyOS together, and makes the channels of processes rooms. */
export function createColonies(base: Base, { gate, io }: Doors, rooms: Rooms): Colonies {
  const { settings, clock, log, scaleOut, passes, keys } = base;
  const { colonies, limits } = settings;
  const onCrash = (error: unknown): void => log.error({ err: error }, "colonies crashed");
  const records = scaleOut.createRecords({ clock, onCrash });
  const signatures = new Signatures({ onCrash });
  const isOpenHouse = keys.isOpenHouse && !namesColonists(colonies);
  const registry = new Registry({ records, clock, settings: colonies, isOpenHouse });
  const { keepEndedMs, maxWaitingAssigns, maxEndedProcesses } = colonies;
  const processes = new Processes({ records, clock, randomBytes, keepEndedMs, onCrash });
  const assignments = new Assignments({ processes, clock, maxWaitingAssigns });
  const deadlines = new Deadlines({ processes, clock, maxEndedProcesses, onCrash });
  const { logs, memberships, tracking } = rooms;
  const { backends } = scaleOut;
  const known = { logs, backends, processes, membership: registry, clock };
  const roomSettingsOf = (room: string) => rooms.settingsOf(room);
  const channels = new Channels({
    ...known,
    settings: { ...colonies, maxPayloadBytes: limits.maxFrameBytes, roomSettingsOf },
  });
  const processChannel = new ProcessChannel({
    ...known,
    io,
    memberships,
    tracking,
    settings: { ...colonies, roomSettingsOf },
    onCrash,
  });
  rooms.channels.declareBuiltIn(CHANNEL_ROOMS, isChannelRoom, processChannel);
  const dialect = createColoniesDialect({
    ...known,
    signatures,
    channels,
    rooms,
    passFor: (identity) => passes.passFor(identity),
    limits,
    onCrash,
  });
  const handlers = createApiHandlers({
    registry,
    processes,
    assignments,
    channels: createChannelHandlers(channels),
    settings: colonies,
  });
  return {
    api: new Api({ signatures, handlers, onCrash }),
    dialect,
    addresses: coloniesAddresses({ gate, dialect }),
    endWaiting: () => assignments.stop(),
    stop: async () => {
      for (const part of [assignments, deadlines, processChannel, processes, records]) part.stop();
      await signatures.stop();
    },
  };
}
