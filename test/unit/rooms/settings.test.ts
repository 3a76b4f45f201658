import { describe, expect, it } from "vitest";
import { type RoomSettings, roomSettingsSchema } from "../../../server/options.ts";

/**
 * Loads the settings within a test: where they cannot be loaded at all, it is the test that fails.
 * Mutation tests count failed tests, and no files that fail before their first test.
 */
async function settingsOf(configured: readonly RoomSettings[], room: string) {
  const settings = await import("../../../server/rooms/settings.ts");
  return settings.settingsOf(configured, room);
}

describe("the settings of a room", () => {
  const configured = ["chat:1", "chat:*", "system"].map((match) =>
    roomSettingsSchema.parse({ match, echo: match === "chat:1" }),
  );

  it("are the first that match", async () => {
    expect(await settingsOf(configured, "chat:1")).toBe(configured[0]);
    expect(await settingsOf(configured, "chat:2")).toBe(configured[1]);
  });

  it.each(["system", "admin"])("of %s have its pushes go to backends alone", async (room) => {
    expect(await settingsOf([], room)).toMatchObject({ match: room, deliver: "backends" });
  });

  it("of system are those that are configured, where there are any", async () => {
    expect(await settingsOf(configured, "system")).toMatchObject({ deliver: "both" });
  });

  it.each(["lobby", "system:1", ""])("of any other, like %j, are the defaults", async (room) => {
    expect(await settingsOf(configured, room)).toStrictEqual(
      roomSettingsSchema.parse({ match: "*" }),
    );
  });
});
