import { describe, expect, it } from "vitest";
import { channelRoom } from "../../../server/dialects/colonies/channels/channel-room.ts";
import type { WireEntry } from "../../../server/dialects/colonies/channels/entry.ts";
import { NO_TIME, processStates } from "../../../server/dialects/colonies/processes/process.ts";
import type { Reply } from "../../../server/rooms/reply.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until } from "../../support/until.ts";
import { connectMember, type Heard, joinAsMember } from "./channel-member.ts";
import { redisUrlFor, type Scene, startScene } from "./channel-scene.ts";
import { EXECUTOR, PROCESS, processWith, SUBMITTER } from "./known-in-test.ts";

const stores = ["memory", "Redis"] as const;
const ROOM = channelRoom({ processId: PROCESS, name: "output" });
const CHAT = channelRoom({ processId: PROCESS, name: "chat" });

function textsOf(entries: readonly WireEntry[]): string[] {
  return entries.map(({ payload }) => Buffer.from(payload ?? "", "base64").toString());
}

function namesOf(heard: readonly Heard[]): string[] {
  return heard.map(({ event }) => event);
}

async function untilGone({ rooms }: Scene, room: string): Promise<void> {
  await until("the log to be gone", async () => (await rooms.logs.read(room, 0, 10))?.offset === 0);
}

describe.each(stores)("A page in the room of a channel in %s", (store) => {
  it("sees what it has missed, and then what comes", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    await scene.append({ sequence: 1, text: "one" });
    const page = await connectMember(scene.url);
    const { status, response } = await page.join(ROOM, { since: 0 });
    expect(status).toBe("ok");
    expect(response).toMatchObject({
      id: expect.stringContaining(ROOM),
      recovered: true,
      offset: 1,
    });
    await scene.append({ sequence: 2, inreplyto: 1, text: "two" }, SUBMITTER);
    await scene.append({ sequence: 3, payload: undefined, type: "end" });
    expect(await page.hears(3)).toMatchObject([
      { event: "message", payload: { text: "one" }, meta: { room: ROOM, offset: 1, sequence: 1 } },
      {
        event: "message",
        payload: { text: "two" },
        meta: { offset: 2, sender: SUBMITTER, sequence: 2, inreplyto: 1 },
      },
      { event: "message", payload: {}, meta: { offset: 3, sequence: 3, type: "end" } },
    ]);
  });

  it("appends by pushing, and numbers its messages as others do", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    const page = await joinAsMember(scene.url, ROOM, { token: "ann" });
    const other = await joinAsMember(scene.url, ROOM);
    await scene.append({ sequence: 1, text: "one" });
    expect(await page.push(ROOM, "message", { text: "two" })).toEqual({
      status: "ok",
      response: { offset: 2 },
    });
    const numbered = { _sequence: 9, _inreplyto: 1, _type: "error", n: 1.5 };
    await page.push(ROOM, "message", numbered);
    expect(await page.push(ROOM, "message", numbered)).toMatchObject({ response: { offset: 3 } });
    await page.push(ROOM, "bytes", Buffer.from([0, 255]));
    const rest = { inreplyto: 0, type: "data", senderid: "ann" };
    expect(await scene.read({}, EXECUTOR)).toMatchObject([
      { sequence: 1, senderid: EXECUTOR },
      { ...rest, sequence: 2, payload: Buffer.from("two").toString("base64") },
      {
        ...rest,
        sequence: 9,
        inreplyto: 1,
        type: "error",
        payload: Buffer.from('{"n":1.5}').toString("base64"),
      },
      { ...rest, sequence: 4, payload: "AP8=", event: "bytes" },
    ]);
    await other.hears(4);
    expect(namesOf(page.heard)).toEqual(["message"]);
  });

  it("is told of each change of the process, and taken out at its end, having got all before", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    const page = await joinAsMember(scene.url, ROOM);
    const chat = await joinAsMember(scene.url, CHAT);
    scene.known.put(processWith({ state: processStates.waiting }));
    scene.known.put(processWith());
    for (let sequence = 1; sequence <= 20; sequence += 1) await scene.append({ sequence });
    scene.known.end(Date.now(), ["boom"]);
    const heard = await page.hears(24);
    const { waiting, running, failed } = processStates;
    const news = (state: number, rest: object = {}) => ({
      event: "process",
      payload: { processid: PROCESS, state, ...rest },
      meta: { room: ROOM },
    });
    expect(heard.slice(0, 2)).toEqual([news(waiting), news(running)]);
    expect(namesOf(heard.slice(2, 22))).toEqual(Array(20).fill("message"));
    expect(heard.slice(22)).toEqual([
      news(failed, { errors: ["boom"] }),
      { event: "phx_close", payload: {}, meta: { room: ROOM } },
    ]);
    expect(namesOf(await chat.hears(4))).toEqual(["process", "process", "process", "phx_close"]);
    expect(await page.push(ROOM, "message")).toMatchObject({
      response: { code: "room_not_joined" },
    });
  });

  it("that comes after the end gets what it has missed, is told, and is taken out", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    await scene.append({ sequence: 1, text: "one" });
    await scene.append({ sequence: 2, text: "two" });
    scene.known.end(Date.now());
    const page = await joinAsMember(scene.url, ROOM, { since: 0 });
    expect(await page.hears(4)).toMatchObject([
      { event: "message", payload: { text: "one" } },
      { event: "message", payload: { text: "two" } },
      { event: "process", payload: { state: processStates.success } },
      { event: "phx_close" },
    ]);
  });

  it("cannot push what the full log has no room for", async () => {
    const scene = await startScene({
      redisUrl: await redisUrlFor(store),
      options: { colonies: { maxChannelEntries: 1 } },
    });
    const page = await joinAsMember(scene.url, ROOM);
    const numbered = { _sequence: 1 };
    expect(await page.push(ROOM, "message", numbered)).toMatchObject({ status: "ok" });
    expect(await page.push(ROOM, "message", {})).toMatchObject({ response: { code: "log_full" } });
    expect(await page.push(ROOM, "message", numbered)).toMatchObject({ status: "ok" });
  });

  it("finds no log any more a while after the end, and no channel", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store), keepRoomMs: 100 });
    await scene.append();
    scene.known.end(Date.now());
    await untilGone(scene, ROOM);
    const page = await connectMember(scene.url);
    expect(await page.join(ROOM, { since: 0 })).toMatchObject({
      response: { code: "channel_missing", reason: "channel not found" },
    });
  });

  it("is taken out of the room of a process that is removed, whose logs are gone at once", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    await scene.append({ name: "chat" });
    await scene.append();
    const page = await joinAsMember(scene.url, ROOM);
    scene.known.remove(PROCESS);
    expect(namesOf(await page.hears(1))).toEqual(["phx_close"]);
    for (const room of [ROOM, CHAT]) await untilGone(scene, room);
    expect(await page.join(ROOM)).toMatchObject({ response: { code: "process_missing" } });
  });
});

describe("A room of a channel", () => {
  const refused = (reply: Reply): unknown => (reply.response as { code?: unknown }).code;

  it.each([
    ["an unknown process", `process:${"f".repeat(64)}:output`, "process_missing"],
    ["a channel that is not declared", `process:${PROCESS}:other`, "channel_missing"],
  ])("is not to be had of %s", async (_name, room, code) => {
    const scene = await startScene();
    const page = await connectMember(scene.url);
    expect(refused(await page.join(room))).toBe(code);
    const log = await scene.rooms.logs.read(room, 0, 1);
    expect(log?.epoch).toBe("");
  });

  it.each(["process:1:output", `process:${PROCESS}`, "process"])(
    "is not %s, which is a room like any other",
    async (room) => {
      const scene = await startScene();
      const page = await connectMember(scene.url);
      const { status, response } = await page.join(room);
      expect({ status, ...(response as object) }).not.toHaveProperty("epoch");
      expect(status).toBe("ok");
    },
  );

  it("is not to be had while the processes cannot be reached, and its members stay", async () => {
    const clock = new ManualClock();
    const scene = await startScene({ clock });
    const page = await joinAsMember(scene.url, ROOM);
    scene.known.isReachable = false;
    const late = await connectMember(scene.url);
    expect(refused(await late.join(ROOM))).toBe("log_unavailable");
    expect(refused(await page.push(ROOM, "message"))).toBe("log_unavailable");
    clock.advance(60_000);
    scene.known.isReachable = true;
    expect(await page.push(ROOM, "message")).toMatchObject({ status: "ok" });
    expect(scene.crashes).toEqual([]);
  });

  it("refuses what cannot be logged, a numbering that is none, and news that are the server's to tell", async () => {
    const scene = await startScene();
    const page = await joinAsMember(scene.url, ROOM);
    expect(refused(await page.push(ROOM, "message", { bytes: Buffer.from([1]) }))).toBe(
      "payload_invalid",
    );
    expect(refused(await page.push(ROOM, "message", { _sequence: 0 }))).toBe("numbering_invalid");
    for (const event of ["phx_reply", "process"]) {
      expect(refused(await page.push(ROOM, event, {}))).toBe("event_name_reserved");
    }
    expect(await scene.read()).toEqual([]);
  });

  it("echoes to the sender where its settings say so", async () => {
    const scene = await startScene({
      options: { rooms: [{ match: "process:*", echo: true, presence: false }] },
    });
    const page = await joinAsMember(scene.url, ROOM);
    await page.push(ROOM, "message", { text: "hi" });
    expect(page.heard).toMatchObject([{ event: "message", payload: { text: "hi" } }]);
    expect(page.presences).toEqual([]);
  });

  it("tells who is present", async () => {
    const scene = await startScene();
    const page = await joinAsMember(scene.url, ROOM, { token: "ann", meta: { role: "viewer" } });
    const [state] = await until(
      "presence_state",
      () => page.presences.length > 0 && page.presences,
    );
    expect(state).toMatchObject({
      event: "presence_state",
      payload: { ann: { metas: [{ role: "viewer" }] } },
    });
    const large = await connectMember(scene.url);
    const meta = { text: "a".repeat(100_000) };
    expect(refused(await large.join(ROOM, { meta }))).toBe("too_large");
  });

  it("takes what a socket sends that is no member", async () => {
    const { known, ...scene } = await startScene();
    const page = await connectMember(scene.url);
    await page.join("lobby");
    const [socket] = await until("the socket", () => {
      const sockets = [...scene.io.of("/").sockets.values()];
      return sockets.length > 0 && sockets;
    });
    const visit = (event: string) =>
      new Promise<Reply>((resolve, reject) => {
        if (socket === undefined) reject(new Error("no socket"));
        else scene.rooms.visit(socket, ROOM, event, { text: "hi" }, resolve);
      });
    expect(await visit("message")).toEqual({ status: "ok", response: { offset: 1 } });
    known.end(Date.now());
    expect(refused(await visit("message"))).toBe("channel_missing");
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 1 });
  });

  it("refuses what is pushed while the process ends", async () => {
    const { known, ...scene } = await startScene();
    const page = await joinAsMember(scene.url, ROOM);
    let finds = 0;
    known.beforeFind = () => {
      finds += 1;
      if (finds === 2) known.end(Date.now(), [], false);
    };
    expect(refused(await page.push(ROOM, "message"))).toBe("channel_missing");
    expect(refused(await page.push(ROOM, "message"))).toBe("channel_missing");
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 1 });
  });

  it.each([true, false])(
    "lets go of a member that joins while the process ends, once (word of it: %s)",
    async (isTold) => {
      const { known, ...scene } = await startScene();
      await scene.append({ text: "one" });
      const page = await connectMember(scene.url);
      let finds = 0;
      known.beforeFind = () => {
        finds += 1;
        if (finds === 2) known.end(Date.now(), [], isTold);
      };
      await page.join(ROOM, { since: 0 });
      expect(namesOf(await page.hears(3))).toEqual(["message", "process", "phx_close"]);
      known.beforeFind = () => {};
      await page.join(ROOM, { since: 0 });
      expect(namesOf(await page.hears(6)).slice(3)).toEqual(["message", "process", "phx_close"]);
    },
  );

  it("notices within 30 s that a process is over, also without a word of it", async () => {
    const clock = new ManualClock();
    const { known, ...scene } = await startScene({ clock });
    const other = "c".repeat(64);
    known.put(processWith({ processid: other }));
    const page = await joinAsMember(scene.url, ROOM);
    const others = await joinAsMember(scene.url, channelRoom({ processId: other, name: "output" }));
    known.end(clock.now(), [], false);
    clock.advance(29_999);
    await page.push(ROOM, "message");
    expect(page.heard).toEqual([]);
    clock.advance(1);
    expect(namesOf(await page.hears(2))).toEqual(["process", "phx_close"]);
    expect(await others.push(channelRoom({ processId: other, name: "output" }), "message")).toEqual(
      { status: "ok", response: { offset: 1 } },
    );
    expect(others.heard).toEqual([]);
  });

  it("has no log any more once its process is removed, also where nobody is in it", async () => {
    const scene = await startScene();
    scene.known.put(processWith({ state: processStates.waiting }));
    await scene.append({}, SUBMITTER);
    scene.known.remove(PROCESS);
    await untilGone(scene, ROOM);
  });

  it("is let go of with its last member: nothing is looked up for it any more", async () => {
    const clock = new ManualClock();
    const { known, ...scene } = await startScene({ clock });
    const page = await joinAsMember(scene.url, ROOM);
    const other = await joinAsMember(scene.url, ROOM);
    let finds = 0;
    known.beforeFind = () => {
      finds += 1;
    };
    await page.leave(ROOM);
    clock.advance(30_000);
    await until("a look", () => finds === 1);
    await other.leave(ROOM);
    clock.advance(60_000);
    await page.join("lobby");
    expect(finds).toBe(1);
  });

  it("keeps a member that joins while the processes become unreachable", async () => {
    const { known, ...scene } = await startScene();
    let finds = 0;
    known.beforeFind = () => {
      finds += 1;
      known.isReachable = finds !== 2;
    };
    const page = await joinAsMember(scene.url, ROOM);
    expect(await page.push(ROOM, "message")).toMatchObject({ status: "ok" });
    expect(finds).toBe(4);
    expect(scene.crashes).toEqual([]);
  });

  it("is there after the end of a process whose time of end nobody knows", async () => {
    const { known, ...scene } = await startScene();
    known.put(processWith({ state: processStates.failed, endtime: NO_TIME }));
    const page = await joinAsMember(scene.url, ROOM);
    expect(namesOf(await page.hears(2))).toEqual(["process", "phx_close"]);
  });

  it("keeps its log for 5 minutes after the end, and its members hear of no process twice", async () => {
    const clock = new ManualClock();
    const { known, ...scene } = await startScene({ clock });
    await scene.append();
    known.end(clock.now());
    clock.advance(290_000);
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 1 });
    const late = await joinAsMember(scene.url, ROOM, { since: 0 });
    expect(namesOf(await late.hears(3))).toEqual(["message", "process", "phx_close"]);
    clock.advance(20_000);
    expect(await scene.rooms.logs.read(ROOM, 0, 10)).toMatchObject({ offset: 0 });
    expect(await late.join(ROOM)).toMatchObject({ response: { code: "channel_missing" } });
  });
});

describe("A channel of two nodes", () => {
  it("shows its members on both what either takes, and the end after all of it", async () => {
    const redisUrl = await redisUrlFor("Redis");
    const here = await startScene({ redisUrl });
    const there = await startScene({ redisUrl, known: here.known });
    const page = await joinAsMember(there.url, ROOM);
    const own = await joinAsMember(here.url, ROOM);
    for (let sequence = 1; sequence <= 50; sequence += 1) {
      const scene = sequence % 2 === 0 ? here : there;
      await scene.append({ sequence, text: String(sequence) });
    }
    await page.push(ROOM, "message", { text: "from a page" });
    const expected = Array.from({ length: 50 }, (_, index) => String(index + 1));
    const texts = (heard: readonly Heard[]) =>
      heard.map(({ payload }) => (payload as { text: string }).text);
    expect(texts(await page.hears(50))).toEqual(expected);
    expect(texts(await own.hears(51))).toEqual([...expected, "from a page"]);
    expect(textsOf(await here.read())).toEqual([...expected, "from a page"]);
    here.known.end(Date.now());
    expect(namesOf(await page.hears(52)).slice(50)).toEqual(["process", "phx_close"]);
    expect(namesOf(await own.hears(53)).slice(51)).toEqual(["process", "phx_close"]);
  });
});
