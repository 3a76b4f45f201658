import type { BusRooms } from "../../server/bus/bus.ts";

/** The rooms of a node that has none. */
export const noRooms: BusRooms = {
  hasMembers: () => false,
  keepsLog: () => false,
  loggedPatterns: () => [],
  deliver: () => {},
  disconnect: () => {},
  interrupted: () => {},
  lost: () => {},
};
