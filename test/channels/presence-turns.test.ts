import { describe, expect, it } from "vitest";
import type { PresenceState } from "../../server/index.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

describe("A presence_state that takes its time", () => {
  it("comes before the diffs that are newer", async () => {
    const server = await startServer({ relay: false });
    const asked: string[] = [];
    let release: (() => void) | undefined;
    server.commonroom.channel("room:*", {
      joined: (member) => void member.presence.track({}, String(asked.length)),
      presence: (_room, state) => {
        asked.push(Object.keys(state).join());
        if (Object.keys(state).length < 2 || release !== undefined) return state;
        return new Promise<PresenceState>((resolve) => {
          release = () => resolve(state);
        });
      },
    });
    const ann = await connectSocketIo(server.url);
    await ask(ann, "join", "room:a", {});
    const [first] = await until("ann", () => asked.length > 0 && asked);
    const ben = await connectSocketIo(server.url);
    const told: string[] = [];
    ben.onAny((event: string) => told.push(event));
    await ask(ben, "join", "room:a", {});
    await until("ben's state", () => release);
    asked.length = 0;
    ann.disconnect();
    await until("ann's leave", () => asked.includes(String(first)));
    release?.();
    await until("state and diff", () => new Set(told).size === 2);
    expect(told[0]).toBe("presence_state");
  });
});
