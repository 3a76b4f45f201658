import type { EventSourceProcess } from "../support/event-source-process.ts";
import { tokenFor } from "../support/tokens.ts";
import { type CrowdChannel, CrowdColoniesMember } from "./crowd-colonies.ts";
import { CrowdEventSourceMember } from "./crowd-event-source.ts";
import type { CrowdMember, Seat } from "./crowd-member.ts";
import { CrowdPhoenixMember } from "./crowd-phoenix.ts";
import { CrowdPlainMember } from "./crowd-plain.ts";
import { CrowdRoomClientMember } from "./crowd-room-client.ts";
import { CrowdSocketIoMember } from "./crowd-socket-io.ts";
import { CrowdTowerMember } from "./crowd-tower.ts";

/** Where a crowd is to be. */
export interface CrowdPlan {
  readonly count: number;
  /** Rooms without a log. */
  readonly openRooms: readonly string[];
  /** Rooms with one. */
  readonly keptRooms: readonly string[];
  /** Rooms that are channels of ColonyOS, with a log, too. */
  readonly channels: ReadonlyMap<string, CrowdChannel>;
  /** Ports of the nodes that a member may be at, by the node that it goes to first. */
  readonly portsFrom: (home: number) => readonly number[];
  /** Where the EventSources are. */
  readonly eventSources: EventSourceProcess;
}

/** Of a hundred members, how many have which kind of client. */
const shares = {
  "phoenix.js": 18,
  "phoenix.js, V1": 6,
  "phoenix.js, long-polling": 9,
  "Socket.IO": 14,
  "Socket.IO, long-polling": 9,
  plain: 12,
  "room client": 12,
  Tower: 8,
  ColonyOS: 6,
  EventSource: 6,
};

type Way = keyof typeof shares;

/** Makes the members of a crowd: all kinds of clients in all rooms that they can be in, on all nodes. */
export function planCrowd(plan: CrowdPlan): CrowdMember[] {
  const ways = Object.keys(shares) as Way[];
  return ways.flatMap((way) => {
    const rooms = roomsOf(way, plan);
    const count = rooms.length === 0 ? 0 : Math.round((shares[way] * plan.count) / 100);
    return Array.from({ length: count }, (_, index) => {
      const room = rooms[index % rooms.length] ?? "";
      const home = (index + Math.floor(index / rooms.length)) % 3;
      const name = `${way.replaceAll(/\W+/g, "-")}-${index}`;
      const ports = plan.portsFrom(home);
      const token = tokenFor(["jobs-*", "process:*"], name);
      return seated(way, { name, room, token, ports }, plan);
    });
  });
}

function roomsOf(way: Way, { openRooms, keptRooms, channels }: CrowdPlan): readonly string[] {
  if (way === "ColonyOS") return [...channels.keys()];
  const logged = way === "Tower" ? keptRooms : [...keptRooms, ...channels.keys()];
  // By turns, so that the few of a kind are in rooms of either kind.
  return openRooms.flatMap((room, index) => [room, ...logged.slice(index, index + 1)]);
}

function seated(way: Way, seat: Seat, { channels, eventSources }: CrowdPlan): CrowdMember {
  const channel = channels.get(seat.room);
  if (way === "ColonyOS" && channel !== undefined) return new CrowdColoniesMember(seat, channel);
  if (way === "Tower") return new CrowdTowerMember(seat);
  if (way === "plain") return new CrowdPlainMember(seat);
  if (way === "room client") return new CrowdRoomClientMember(seat);
  if (way === "Socket.IO") return new CrowdSocketIoMember(seat, "websocket");
  if (way === "Socket.IO, long-polling") return new CrowdSocketIoMember(seat, "polling");
  if (way === "EventSource") return new CrowdEventSourceMember(seat, eventSources);
  if (way === "phoenix.js, V1") return new CrowdPhoenixMember(seat, "V1");
  return new CrowdPhoenixMember(seat, way === "phoenix.js" ? "V2" : "long-polling");
}
