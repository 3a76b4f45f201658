import { type Client, connectClients } from "../clients/client.ts";
import { greetAsPhoenix } from "../clients/greeting.ts";
import type { ServerProcess } from "../server-process.ts";
import { BusyRoom } from "./busy-room.ts";

/** A room with its members, the first of which pushes. */
export interface SeatedRoom {
  readonly room: BusyRoom;
  readonly members: readonly Client[];
}

/** Fills rooms with Phoenix members, those of each room on all nodes alike. */
export async function seatRooms(
  nodes: readonly ServerProcess[],
  rooms: number,
  membersPerRoom: number,
): Promise<SeatedRoom[]> {
  const seated: Client[][] = Array.from({ length: rooms }, () => []);
  for (const [index, node] of nodes.entries()) {
    const seats: number[] = [];
    for (let room = 0; room < rooms; room += 1) {
      for (let member = 0; member < membersPerRoom; member += 1) {
        if ((room + member) % nodes.length === index) seats.push(room);
      }
    }
    const greetingOf = (seat: number) => greetAsPhoenix(nameOf(seats[seat] ?? 0));
    const clients = await connectClients(node.port, seats.length, greetingOf);
    for (const [seat, client] of clients.entries()) seated[seats[seat] ?? 0]?.push(client);
  }
  return seated.map((members, index) => ({ room: new BusyRoom(nameOf(index), members), members }));
}

/** Cuts all connections. */
export function cutAll(rooms: readonly SeatedRoom[]): void {
  for (const { members } of rooms) for (const member of members) member.cut();
}

function nameOf(room: number): string {
  return `load:${room}`;
}
