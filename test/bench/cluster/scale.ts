import { openFilesLimit } from "../open-files.ts";

/** How much is measured, and for how long. */
export interface Scale {
  /** Sizes of the clusters that carry the load. */
  readonly nodeCounts: readonly number[];
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Messages a second in each room, rising. */
  readonly rates: readonly number[];
  readonly roundMs: number;
  /** Messages a second in the room that lives on one node. */
  readonly loneRate: number;
  /** Members that join one room on the largest cluster, and the time they take to come. */
  readonly stormMembers: number;
  readonly stormMs: number;
  /** Connections whose presences are weighed, each in so many rooms. */
  readonly weighedConnections: number;
  readonly weighedRooms: number;
}

/** What the issue of the cluster asks for. */
export const FULL: Scale = {
  nodeCounts: [1, 2, 4],
  rooms: 200,
  membersPerRoom: 50,
  rates: [1, 8, 64],
  roundMs: 5000,
  loneRate: 1000,
  stormMembers: 5000,
  stormMs: 9500,
  weighedConnections: 100,
  weighedRooms: 100,
};

/** Enough to see whether the measurement itself works. Its figures mean little. */
export const QUICK: Scale = {
  ...FULL,
  rooms: 40,
  roundMs: 1000,
  stormMembers: 800,
  stormMs: 1600,
  weighedConnections: 30,
};

/** Sockets and files that a process needs besides those of the members. */
const SPARE_FILES = 200;

/** Takes rooms away until all members fit into one process, if the system says they do not. */
export function fitted(scale: Scale): Scale {
  const most = openFilesLimit() - SPARE_FILES;
  const rooms = Math.min(scale.rooms, Math.floor(most / scale.membersPerRoom));
  return { ...scale, rooms, stormMembers: Math.min(scale.stormMembers, most) };
}
