import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accept } from "../../server/index.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("a channel on two nodes", () => {
  it("broadcasts to the members of both, and each node intercepts for its own", async () => {
    const redis = await startRedis();
    const connectTo = async (name: string) => {
      const server = await startServer({ redisUrl: redis.url });
      server.commonroom.channel("room:*", {
        params: z.object({ name: z.string() }),
        join: (_candidate, params) => accept(params),
        on: {
          say: { handle: (member, payload) => member.broadcastFrom("said", payload) },
          ask: { handle: (member, payload) => member.broadcast("asked", payload) },
        },
        intercept: { asked: (member) => ({ for: member.state.name }) },
      });
      const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
      client.send(["1", "1", "room:a", "phx_join", { name }]);
      await client.next();
      return client;
    };
    const ann = await connectTo("ann");
    const ben = await connectTo("ben");
    ann.send(["1", "2", "room:a", "say", { n: 1 }]);
    ann.send(["1", "3", "room:a", "ask", { n: 2 }]);
    await until("both on the other node", () => ben.received.length === 3);
    await until("her own on hers", () => ann.received.length === 2);
    expect(ben.received.slice(1)).toEqual([
      [null, null, "room:a", "said", { n: 1 }],
      ["1", null, "room:a", "asked", { for: "ben" }],
    ]);
    expect(ann.received[1]).toEqual(["1", null, "room:a", "asked", { for: "ann" }]);
  });
});
