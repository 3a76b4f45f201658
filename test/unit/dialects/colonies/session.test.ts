import { describe, expect, it } from "vitest";
import { createColoniesDialect } from "../../../../server/dialects/colonies/dialect.ts";
import { PROCESS_ID, processIn, requestText, SessionScene, wrong } from "./session-scene.ts";

const UNREADABLE = wrong(400, "Failed to parse request, invalid JSON");
const process = { processid: PROCESS_ID, state: 1, timeout: 60 };
const channel = { processid: PROCESS_ID, name: "chat", afterseq: 0, timeout: 60 };

describe("a frame of a ColonyOS client", () => {
  it.each([
    ["no JSON", "hello", UNREADABLE],
    ["JSON of another shape", "[1]", UNREADABLE],
    ["a request without a signature", '{"payloadtype":"x","payload":""}', UNREADABLE],
    [
      "of an unknown type",
      requestText("nosuchmsg", {}),
      wrong(403, "invalid rpcMsg.PayloadType: nosuchmsg"),
    ],
    [
      "of a type for POST /api",
      requestText("getprocessmsg", { processid: PROCESS_ID }),
      wrong(403, "invalid rpcMsg.PayloadType: getprocessmsg"),
    ],
    [
      "with another type inside",
      requestText("subscribeprocessmsg", process).replace("subscribeprocess", "subscribechannel"),
      wrong(400, "Failed to subscribe to channel, msg.MsgType does not match rpcMsg.PayloadType"),
    ],
    [
      "with members of other types",
      requestText("subscribechannelmsg", { ...channel, afterseq: "1" }),
      wrong(400, "Failed to subscribe to channel, invalid JSON"),
    ],
    ["with a bad signature", requestText("subscribechannelmsg", channel, "bad"), wrong(403, "bad")],
    [
      "that is too large",
      `"${"x".repeat(20_000)}"`,
      wrong(413, "Failed to parse request, too large"),
    ],
  ])("that is %s is answered by an error, and the connection goes on", async (_, text, answer) => {
    const scene = new SessionScene();
    scene.session.receive(text);
    expect(await scene.frame(1)).toEqual(answer);
    scene.session.receive(Buffer.from(text));
    expect(await scene.frame(2)).toEqual(answer);
    expect(scene.connection.readyState).toBe("open");
  });

  it("may be binary, and is answered by text", async () => {
    const scene = new SessionScene();
    scene.processes.kept.set(PROCESS_ID, processIn(1));
    scene.session.receive(Buffer.from(requestText("subscribeprocessmsg", process)));
    expect(await scene.frame(1)).toMatchObject({ type: "subscribeprocessmsg", isError: false });
  });

  it("is the last one after a hundred that were not understood", async () => {
    const scene = new SessionScene();
    for (let count = 1; count <= 100; count += 1) {
      scene.session.receive("{");
      await scene.frame(count);
    }
    expect(scene.connection.readyState).toBe("open");
    scene.session.receive("{");
    await scene.sees("the end", () => scene.connection.badFrames === 1);
    expect(scene.connection.closes).toMatchObject([{ code: 1011 }]);
    expect(scene.frames).toHaveLength(100);
  });

  it("is refused while a hundred others are under way, and they are answered in order", async () => {
    const scene = new SessionScene();
    for (let count = 0; count < 105; count += 1) scene.send("subscribeprocessmsg", process);
    expect(scene.frames).toHaveLength(5);
    expect(scene.frames[0]).toEqual(wrong(429, "Failed to subscribe, too many requests waiting"));
    await scene.frame(105);
    expect(scene.frames[104]).toEqual(
      wrong(404, "Failed to subscribe to process, process not found"),
    );
  });

  it("is refused beyond a hundred subscriptions", async () => {
    const scene = new SessionScene();
    scene.processes.kept.set(PROCESS_ID, processIn(0));
    for (let count = 0; count < 100; count += 1) {
      scene.send("subscribeprocessmsg", process);
      await scene.settled();
    }
    expect(scene.frames).toEqual([]);
    scene.send("subscribeprocessmsg", process);
    scene.send("subscribechannelmsg", channel);
    await scene.frame(2);
    expect(scene.frames).toEqual([
      wrong(429, "Failed to subscribe to process, too many subscriptions"),
      wrong(429, "Failed to subscribe to channel, too many subscriptions"),
    ]);
    expect(scene.connection.readyState).toBe("open");
  });

  it("that is under way keeps a connection whose last subscription ends", async () => {
    const scene = new SessionScene();
    scene.processes.kept.set(PROCESS_ID, processIn(0));
    scene.subscribeProcess(1, 0);
    scene.subscribeProcess(2, 5);
    await scene.settled();
    expect(scene.frames).toMatchObject([{ inner: { status: 408 } }]);
    expect(scene.connection.readyState).toBe("open");
    scene.clock.advance(5000);
    await scene.sees("the end", () => scene.connection.closes[0]?.code === 1000);
  });

  it("is not handled any more once the client has gone", async () => {
    const scene = new SessionScene();
    scene.subscribeProcess(1);
    scene.subscribeProcess(1);
    scene.subscribeChannel();
    scene.connection.end({ code: 1001, reason: "", next: "now" });
    await scene.settled();
    expect(scene.processes.finds).toBe(0);
    expect(scene.processes.watchers).toBe(0);
    expect(scene.reads).toEqual([]);
  });
});

describe("the ColonyOS dialect", () => {
  it("claims nobody's first frame: its clients come by their own address", () => {
    const dialect = createColoniesDialect({} as Parameters<typeof createColoniesDialect>[0]);
    expect(dialect.claims(requestText("subscribeprocessmsg", process))).toBe(false);
  });
});
