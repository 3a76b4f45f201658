import type { Socket } from "socket.io";
import { describe, expect, it } from "vitest";
import { channelRoom } from "../../../server/dialects/colonies/channels/channel-room.ts";
import type { Reply } from "../../../server/rooms/reply.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectBackend } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { connectMember, joinAsMember } from "./channel-member.ts";
import { redisUrlFor, startScene } from "./channel-scene.ts";
import { PROCESS } from "./known-in-test.ts";

const ROOM = channelRoom({ processId: PROCESS, name: "output" });

describe("The end of a process", () => {
  it("comes after all that was logged, also where word of it comes before word of the log", async () => {
    const redisUrl = (await redisUrlFor("Redis")) ?? "";
    const scene = await startScene({ redisUrl });
    await scene.append({ sequence: 1, text: "one" });
    const pages = [await joinAsMember(scene.url, ROOM), await joinAsMember(scene.url, ROOM)];
    // What another node logged; no word of it has come here yet.
    const backend = await connectBackend(redisUrl);
    const log = `commonroom:{log:${ROOM}}`;
    const h = JSON.stringify({ event: "message", isBytes: false, except: [] });
    await backend.hIncrBy(`${log}:state`, "offset", 1);
    await backend.xAdd(`${log}:stream`, "2-0", { h, p: '{"text":"two"}', t: "5", b: "14" });
    scene.known.end(Date.now());
    for (const page of pages) {
      const heard = await page.hears(3);
      expect(heard.map(({ event }) => event)).toEqual(["message", "process", "phx_close"]);
      expect(heard[0]).toMatchObject({ payload: { text: "two" }, meta: { offset: 2 } });
    }
    expect(scene.crashes).toEqual([]);
  });
});

describe("A log that begins when its process is over already", () => {
  it("is kept no longer than others after an executor's append", async () => {
    const clock = new ManualClock();
    const scene = await startScene({ clock });
    scene.known.beforeFind = (count) => {
      if (count === 2) scene.known.end(clock.now(), [], false);
    };
    expect(await scene.append()).toMatchObject({ message: expect.stringContaining("channel") });
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 1 });
    clock.advance(310_000);
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 0 });
  });

  it("is kept no longer than others after a page's push", async () => {
    const clock = new ManualClock();
    const { known, ...scene } = await startScene({ clock });
    await connectMember(scene.url);
    const socket: Socket = await until(
      "the socket",
      () => [...scene.io.of("/").sockets.values()][0],
    );
    known.beforeFind = (count) => {
      if (count === 2) known.end(clock.now(), [], false);
    };
    const reply = await new Promise<Reply>((resolve) => {
      scene.rooms.visit(socket, ROOM, "message", {}, resolve);
    });
    expect(reply).toMatchObject({ response: { code: "channel_missing" } });
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 1 });
    clock.advance(310_000);
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 0 });
  });
});
