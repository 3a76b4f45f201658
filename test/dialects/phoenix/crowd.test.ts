import { describe, expect, it } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const MEMBERS = 1000;

describe("a thousand members that join one room at once", () => {
  it("get far fewer diffs than joins, and all end with the same presences", async () => {
    const { wsUrl } = await startServer();
    const clients = await Promise.all(
      Array.from({ length: MEMBERS }, () => connectRaw(`${wsUrl}/websocket?vsn=2.0.0`)),
    );
    for (const client of clients) client.send(["1", "1", "lobby", "phx_join", {}]);
    await until(
      "everyone to see everyone",
      () => clients.every(({ received }) => keysSeen(received).size === MEMBERS),
      20_000,
    );
    const diffs = clients.map(({ received }) => payloadsOf(received, "presence_diff").length);
    expect(Math.max(...diffs)).toBeLessThan(MEMBERS / 10);
  }, 60_000);
});

function payloadsOf(received: readonly unknown[], event: string): object[] {
  return received.flatMap((frame) =>
    Array.isArray(frame) && frame[3] === event ? [frame[4]] : [],
  );
}

function keysSeen(received: readonly unknown[]): Set<string> {
  const states = payloadsOf(received, "presence_state");
  const joins = payloadsOf(received, "presence_diff").map((diff) => Reflect.get(diff, "joins"));
  return new Set([...states, ...joins].flatMap((presences) => Object.keys(presences)));
}
