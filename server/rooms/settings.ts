import { type RoomSettings, roomSettingsSchema } from "../options.ts";

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
  for (const settings of configured) if (covers(settings.match, room)) return settings;
  for (const settings of builtIn) if (covers(settings.match, room)) return settings;
  return fallback;
}

/** Whether a pattern (exact, or one trailing `*`) covers a room. */
export function covers(pattern: string, room: string): boolean {
  return pattern.endsWith("*") ? room.startsWith(pattern.slice(0, -1)) : room === pattern;
}
