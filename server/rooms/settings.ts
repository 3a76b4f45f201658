import { type RoomSettings, roomSettingsSchema } from "../options.ts";
import { firstMatch } from "./room-pattern.ts";

/** Rooms that clients use to talk to backends, as Tangram's frontends do. */
const builtIn: readonly RoomSettings[] = ["system", "admin"].map((match) =>
  roomSettingsSchema.parse({ match, deliver: "backends" }),
);
const fallback = roomSettingsSchema.parse({ match: "*" });

/**
 * The settings of a room.
 *
 * @param configured the configured ones, in order; the first that matches wins
 */
export function settingsOf(configured: readonly RoomSettings[], room: string): RoomSettings {
  return firstMatch(configured, room) ?? firstMatch(builtIn, room) ?? fallback;
}
