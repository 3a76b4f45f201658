import { describe, expect, it } from "vitest";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { connectPlain, heardBy } from "../support/plain-client.ts";
import { publish } from "../support/publish.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

/** Ann is on one node, and the others are on another. */
async function setUp() {
  const { url: redisUrl } = await startRedis();
  const options = { redisUrl, plain: { sendWithoutJoin: "allow" as const } };
  const [there, here] = [await startServer(options), await startServer(options)];
  const ann = await connectSocketIo(there.url);
  const heard: unknown[][] = [];
  ann.onAny((...event: unknown[]) => heard.push(event));
  return { here, there, id: String(ann.id), heard };
}

describe("The private room of a socket on another node", () => {
  it("cannot be joined, asked about, pushed or published to", async () => {
    const { here, id, heard, there } = await setUp();
    const forbidden = { response: { code: "room_forbidden" } };
    const ben = await connectSocketIo(here.url);
    expect(await ask(ben, "join", id, {})).toMatchObject(forbidden);
    const cid = connectPhoenix(`${here.wsUrl}/socket`).channel(id, {});
    expect(await joinPhoenix(cid)).toMatchObject(forbidden);
    const dan = await connectPlain(here);
    dan.send({ _room: id, _event: "forged", _id: 1 });
    expect(await heardBy(dan)).toMatchObject([forbidden]);
    const published = await publish(here, { room: id, event: "forged", payload: {} });
    expect(published).toMatchObject({ status: 403, body: { code: "room_forbidden" } });
    for (const what of ["presence", "log"]) {
      const response = await fetch(`${here.url}/rooms/${id}/${what}`);
      expect(await response.json()).toMatchObject({ code: "room_forbidden" });
    }
    there.commonroom.io.to(id).emit("last");
    await until("the last message", () => heard.at(-1)?.[0] === "last");
    expect(heard).toEqual([["last"]]);
  });

  it("is not named to the client, whichever node sends to it", async () => {
    const { here, there, id, heard } = await setUp();
    here.commonroom.io.to(id).emit("private", { n: 1 });
    await until("the first", () => heard.length === 1);
    there.commonroom.io.to(id).emit("private", { n: 2 });
    await until("the second", () => heard.length === 2);
    expect(heard).toEqual([
      ["private", { n: 1 }],
      ["private", { n: 2 }],
    ]);
  });
});
