import type { Adapter } from "socket.io-adapter";
import { isGroupName } from "./group.ts";
import type { Subscriber, Subscribers } from "./subscribers.ts";

interface GroupRoom {
  readonly socketIds: Set<string>;
  readonly subscriber: Subscriber;
}

/**
 * Makes subscribers of the rooms that members of other dialects are in and whose names a Tower
 * client could ask for: one subscriber a room, from its first such member to its last.
 */
export function watchOtherMembers(adapter: Pick<Adapter, "on">, subscribers: Subscribers): void {
  const rooms = new Map<string, GroupRoom>();
  adapter.on("join-room", (name: string, socketId: string) => {
    // Each socket is in a private room that has its own name.
    if (name === socketId || !isGroupName(name) || subscribers.isTower(socketId)) return;
    const room = rooms.get(name);
    if (room !== undefined) {
      room.socketIds.add(socketId);
      return;
    }
    const subscriber = subscribers.openRoom();
    rooms.set(name, { socketIds: new Set([socketId]), subscriber });
    subscriber.announce([name]);
  });
  adapter.on("leave-room", (name: string, socketId: string) => {
    const room = rooms.get(name);
    if (room === undefined || !room.socketIds.delete(socketId) || room.socketIds.size > 0) return;
    rooms.delete(name);
    room.subscriber.close();
  });
}
