import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { PresenceState } from "../../server/index.ts";
import { BusListener } from "../support/bus-listener.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { until, within } from "../support/until.ts";
import { PresenceMember } from "./presence-member.ts";
import { startPresenceNode } from "./presence-node.ts";

const NODES = 4;
const CROWD = 1000;
const SETTLE_MS = 2000;
/** Most that one join may cost on Redis: its entry, and its share of what is around it. */
const MAX_BYTES_PER_JOIN = 400;

describe("a crowd that joins one room over four nodes", () => {
  it("is known on every node, and seen by every watcher, within 2 s after the last join", async () => {
    const redis = await startRedis();
    const names = Array.from({ length: NODES }, (_, index) => `node${index}`);
    const nodes = await Promise.all(
      names.map((name) => startPresenceNode(redis.url, name, 10_000)),
    );
    const watchers = await Promise.all(
      nodes.map((node, index) => PresenceMember.join(node, `watcher${index}`)),
    );
    const clients = await Promise.all(
      Array.from({ length: CROWD }, (_, index) =>
        connectRaw(`${nodes[index % NODES]?.wsUrl}/websocket?vsn=2.0.0`),
      ),
    );
    const spy = await new BusListener().listen(
      await connectBackend(redis.url),
      "commonroom:presence*",
    );
    const answers = clients.map((client, index) => {
      // What a thousand members are told is not kept.
      client.webSocket.removeAllListeners("message");
      client.send(["1", "1", "lobby", "phx_join", { meta: { name: `member ${index}` } }]);
      return once(client.webSocket, "message");
    });
    await within("all joins", Promise.all(answers), 15_000);
    const everyone = CROWD + NODES;
    for (const { url } of nodes) {
      const count = async () => {
        const response = await fetch(`${url}/rooms/lobby/presence`);
        return Object.keys((await response.json()) as PresenceState).length;
      };
      await until(`${url} to know all`, async () => (await count()) === everyone, SETTLE_MS);
    }
    for (const watcher of watchers) {
      await until(`${watcher.name} to see all`, () => watcher.view.length === everyone);
      const joins = watcher.heard.filter((line) => line.startsWith("+member "));
      expect(new Set(joins).size).toBe(CROWD);
      expect(joins).toHaveLength(CROWD);
    }
    const bytes = spy.heard.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(bytes).toBeLessThan(CROWD * MAX_BYTES_PER_JOIN);
    expect(spy.heard.length).toBeLessThan(CROWD);
  }, 60_000);
});
