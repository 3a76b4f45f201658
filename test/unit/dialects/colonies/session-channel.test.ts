import { describe, expect, it } from "vitest";
import { EntryMeta } from "../../../../server/entry-meta.ts";
import { JsonText } from "../../../../server/json-text.ts";
import { refuse } from "../../../../server/rooms/reply.ts";
import {
  ANN,
  entry,
  PROCESS_ID,
  processIn,
  ROOM,
  recovered,
  SessionScene,
  told,
  wrong,
} from "./session-scene.ts";

const TYPE = "subscribechannelmsg";
const FAILED = "Failed to subscribe to channel";
const HELLO = new JsonText('{"text":"hi"}');
const META = new EntryMeta(ROOM, { offset: 7, atMs: 0, sender: ANN, sequence: 3 });

/** A session that follows a channel live. */
async function live(afterseq = 0, timeout = 60): Promise<SessionScene> {
  const scene = new SessionScene();
  scene.subscribeChannel(afterseq, timeout);
  await scene.settled();
  scene.joins[0]?.answer(recovered(), true);
  await scene.settled();
  return scene;
}

/** What a member of the room gets of a broadcast. */
function broadcast(scene: SessionScene, meta: EntryMeta | undefined = META): void {
  const message = scene.session.encodeBroadcast(ROOM, "message", HELLO, meta);
  if (message !== undefined) scene.connection.send(message);
}

describe("a subscription to a channel", () => {
  it("sends what is there, and then joins the room behind it as the one who signed", async () => {
    const scene = new SessionScene();
    const place = { epoch: "e", offset: 2 };
    scene.parts.push({ entries: [entry(1), entry(2)], place, isEnd: true });
    scene.subscribeChannel();
    expect(await scene.frame(1)).toEqual(told(TYPE, [entry(1), entry(2)]));
    await scene.settled();
    expect(scene.joins).toMatchObject([
      { room: ROOM, params: { token: `pass of ${ANN}`, since: 2, epoch: "e" } },
    ]);
  });

  it("sends what is there in several frames, reading on from where it was", async () => {
    const scene = new SessionScene();
    scene.parts.push(
      { entries: [entry(1)], place: { epoch: "e", offset: 1 }, isEnd: false },
      { entries: [entry(2)], place: { epoch: "e", offset: 2 }, isEnd: true },
    );
    scene.subscribeChannel();
    await scene.settled();
    expect(scene.frames).toEqual([told(TYPE, [entry(1)]), told(TYPE, [entry(2)])]);
    expect(scene.reads).toEqual([0, 1]);
  });

  it("sends no frame where nothing is there", async () => {
    const scene = await live();
    expect(scene.frames).toEqual([]);
  });

  it("sends each entry that comes in a frame of its own, with who sent it and when", async () => {
    const scene = await live();
    broadcast(scene);
    const timestamp = "1970-01-01T00:00:00.000Z";
    const wire = { ...entry(3), timestamp, senderid: ANN };
    expect(scene.frames).toEqual([told(TYPE, [wire])]);
  });

  it("sends what was missed between reading and joining", async () => {
    const scene = await live();
    const message = scene.session.encodePush(ROOM, "message", HELLO, META);
    expect(message).toBeDefined();
  });

  it("says nothing of what is no entry", async () => {
    const scene = await live();
    expect(scene.session.encodeBroadcast(ROOM, "presence_diff", {}, undefined)).toBeUndefined();
    expect(scene.session.encodePush(ROOM, "process", {}, undefined)).toBeUndefined();
    expect(scene.session.encodeBroadcast("other", "message", HELLO, META)).toBeUndefined();
  });

  it("gets nothing of what comes before it has what came before", async () => {
    const scene = new SessionScene();
    scene.subscribeChannel();
    await scene.settled();
    const before = scene.session.encodingOf(ROOM);
    broadcast(scene);
    expect(scene.frames).toEqual([]);
    scene.joins[0]?.answer(recovered(), true);
    expect(scene.session.encodingOf(ROOM)).not.toBe(before);
  });

  it("shares its frames with all others who follow the channel", async () => {
    const [first, second] = [await live(), await live()];
    expect(first.session.encodingOf(ROOM)).toBe(second.session.encodingOf(ROOM));
  });

  it("reads on and joins again where too much has come meanwhile", async () => {
    const scene = new SessionScene();
    scene.subscribeChannel();
    await scene.settled();
    scene.parts.push({ entries: [entry(1)], place: { epoch: "e", offset: 1 }, isEnd: true });
    scene.joins[0]?.answer(recovered(false), true);
    broadcast(scene);
    await scene.settled();
    expect(scene.frames).toEqual([told(TYPE, [entry(1)])]);
    expect(scene.joins[1]).toMatchObject({ params: { since: 1 } });
    scene.joins[1]?.answer(recovered(), true);
    broadcast(scene);
    expect(scene.frames).toHaveLength(2);
  });

  it("reads on for as long as there is more, however often it has fallen behind", async () => {
    const scene = new SessionScene();
    scene.subscribeChannel();
    for (let offset = 1; offset <= 50; offset += 1) {
      await scene.settled();
      scene.parts.push({ entries: [entry(offset)], place: { epoch: "e", offset }, isEnd: true });
      scene.joins.at(-1)?.answer(recovered(false), true);
    }
    await scene.settled();
    scene.joins.at(-1)?.answer(recovered(), true);
    broadcast(scene);
    expect(scene.frames).toHaveLength(51);
    expect(scene.connection.closes).toEqual([]);
  });

  it("gives up where it is sent nothing more, and still is behind", async () => {
    const scene = new SessionScene();
    scene.subscribeChannel();
    for (let count = 0; count < 20; count += 1) {
      await scene.settled();
      scene.joins[count]?.answer(recovered(false), true);
    }
    const text = `${FAILED}, history cannot be sent`;
    expect(await scene.frame(1)).toEqual(wrong(503, text));
    await scene.settled();
    expect(scene.joins).toHaveLength(20);
    expect(scene.leaves).toEqual([ROOM]);
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
  });

  it("waits for a slow client before it reads on", async () => {
    const scene = new SessionScene();
    scene.connection.waitingBytes = 900;
    scene.subscribeChannel();
    await scene.settled();
    expect(scene.reads).toEqual([]);
    scene.clock.advance(1000);
    await scene.settled();
    expect(scene.reads).toEqual([]);
    scene.connection.waitingBytes = 0;
    scene.clock.advance(100);
    await scene.settled();
    expect(scene.reads).toEqual([0]);
  });

  it.each([
    ["at its time", 60, 60_000],
    ["after 30 s where it says 0", 0, 30_000],
    ["after 30 s where it says less", -5, 30_000],
    ["after a day at most", Number.MAX_SAFE_INTEGER, 86_400_000],
  ])("ends %s: an empty list, then 1000", async (_when, timeout, lifeMs) => {
    const scene = await live(0, timeout);
    scene.clock.advance(lifeMs - 1);
    expect(scene.frames).toEqual([]);
    scene.clock.advance(1);
    broadcast(scene);
    await scene.settled();
    expect(scene.frames).toEqual([told(TYPE, [])]);
    expect(scene.leaves).toEqual([ROOM]);
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
    expect(scene.processes.watchers).toBe(0);
  });

  it("ends for a slow client, too", async () => {
    const scene = new SessionScene();
    scene.connection.waitingBytes = 900;
    scene.subscribeChannel(0, 5);
    await scene.settled();
    scene.clock.advance(5000);
    await scene.settled();
    expect(scene.frames).toEqual([told(TYPE, [])]);
    scene.connection.waitingBytes = 0;
    scene.clock.advance(1000);
    await scene.settled();
    expect(scene.reads).toEqual([]);
    expect(scene.joins).toEqual([]);
  });

  it("that ends while it joins is in no room afterwards", async () => {
    const scene = new SessionScene();
    scene.subscribeChannel(0, 5);
    await scene.settled();
    scene.clock.advance(5000);
    scene.joins[0]?.answer(recovered(), true);
    broadcast(scene);
    expect(scene.frames).toEqual([told(TYPE, [])]);
    expect(scene.leaves).toEqual([ROOM]);
  });

  it("ends with an empty list and 1000 when the room ends it", async () => {
    const scene = await live();
    expect(scene.session.encodePush(ROOM, "phx_close", {}, undefined)).toBeUndefined();
    expect(scene.session.encodePush(ROOM, "phx_close", {}, undefined)).toBeUndefined();
    await scene.settled();
    expect(scene.frames).toEqual([told(TYPE, [])]);
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
  });

  it("ends with an error when the room fails", async () => {
    const scene = await live();
    const { response } = refuse("push_crashed");
    scene.session.encodePush(ROOM, "phx_error", response, undefined);
    expect(await scene.frame(1)).toEqual(wrong(500, `${FAILED}, channel_crash`));
    await scene.settled();
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
  });

  it.each([
    ["channel_missing", 404, "channel not found"],
    ["process_missing", 404, "process not found"],
    ["rooms_exhausted", 429, "too many channels joined"],
    ["log_unavailable", 503, "storage not reachable"],
    ["join_crashed", 500, "join crashed"],
    ["token_invalid", 403, "token invalid"],
  ] as const)("says so when the room refuses it with %s", async (code, status, text) => {
    const scene = new SessionScene();
    scene.subscribeChannel();
    await scene.settled();
    scene.joins[0]?.answer(refuse(code), false);
    expect(await scene.frame(1)).toEqual(wrong(status, `${FAILED}, ${text}`));
  });

  it("says so when the log cannot be reached", async () => {
    const scene = new SessionScene();
    scene.parts.push(undefined);
    scene.subscribeChannel();
    expect(await scene.frame(1)).toEqual(wrong(503, `${FAILED}, storage not reachable`));
  });

  it("that is not allowed is refused, and the connection stays", async () => {
    const scene = new SessionScene();
    scene.authorised = { status: 404, message: `${FAILED}, channel not found` };
    scene.subscribeChannel();
    expect(await scene.frame(1)).toEqual(wrong(404, `${FAILED}, channel not found`));
    expect(scene.connection.readyState).toBe("open");
    expect(scene.reads).toEqual([]);
  });

  it("takes the place of an earlier one of the same channel", async () => {
    const scene = await live();
    scene.subscribeChannel(5, 10);
    await scene.settled();
    broadcast(scene);
    expect(scene.frames).toEqual([]);
    expect(scene.leaves).toEqual([]);
    expect(scene.joins).toHaveLength(2);
    // What the room says of the first membership is not about the second.
    scene.session.encodePush(ROOM, "phx_close", {}, undefined);
    scene.joins[1]?.answer(recovered(), true);
    broadcast(scene);
    await scene.settled();
    expect(scene.frames).toHaveLength(1);
    scene.clock.advance(10_000);
    await scene.settled();
    expect(scene.frames[1]).toEqual(told(TYPE, []));
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
    scene.clock.advance(60_000);
    expect(scene.frames).toHaveLength(2);
  });

  it("ends for an executor whose process another one has now", async () => {
    const scene = await live();
    scene.processes.change({ ...processIn(1), initiatorid: "eve", assignedexecutorid: ANN });
    expect(scene.frames).toEqual([]);
    scene.processes.change({ assignedexecutorid: "bob" });
    expect(scene.frames).toEqual([wrong(403, "Not authorized to subscribe to channel")]);
    expect(scene.leaves).toEqual([ROOM]);
  });

  it("ends when the process is removed", async () => {
    const scene = await live();
    scene.processes.kept.set(PROCESS_ID, processIn(0));
    scene.processes.remove();
    expect(scene.frames).toEqual([told(TYPE, [])]);
  });

  it("is over without a word when the client has gone", async () => {
    const scene = await live();
    scene.connection.end({ code: 1001, reason: "", next: "now" });
    scene.clock.advance(120_000);
    await scene.settled();
    expect(scene.leaves).toEqual([]);
    expect(scene.processes.watchers).toBe(0);
  });

  it("does not join for a client that has gone while the log was read", async () => {
    const scene = new SessionScene();
    const held = scene.holdReads();
    scene.subscribeChannel();
    await scene.settled();
    expect(scene.reads).toEqual([0]);
    scene.connection.end({ code: 1001, reason: "", next: "now" });
    held.release();
    await scene.settled();
    expect(scene.joins).toEqual([]);
  });

  it("that is over makes room for another one", async () => {
    const scene = await live(0, 5);
    scene.processes.kept.set(PROCESS_ID, processIn(0));
    for (let count = 0; count < 99; count += 1) {
      scene.subscribeProcess(1);
      await scene.settled();
    }
    scene.clock.advance(5000);
    await scene.settled();
    scene.subscribeProcess(1);
    await scene.settled();
    scene.subscribeChannel();
    await scene.settled();
    const text = `${FAILED}, too many subscriptions`;
    expect(scene.frames).toEqual([told(TYPE, []), wrong(429, text)]);
  });

  it("keeps the connection while another subscription goes on", async () => {
    const scene = await live(0, 5);
    scene.processes.kept.set(PROCESS_ID, processIn(0));
    scene.subscribeProcess(1, 10);
    await scene.settled();
    scene.clock.advance(5000);
    await scene.settled();
    expect(scene.connection.readyState).toBe("open");
    scene.clock.advance(5000);
    await scene.settled();
    expect(scene.connection.closes).toMatchObject([{ code: 1000 }]);
  });
});
