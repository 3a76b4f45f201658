import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accept, type Commonroom, reject, reply } from "../../server/index.ts";
import { startServer } from "../support/server.ts";
import { type Speaker, speak, speakerNames } from "../support/speaker.ts";

/** One definition, for clients of every dialect. */
function declare(commonroom: Commonroom): void {
  commonroom.channel("room:*", {
    params: z.object({ name: z.string() }),
    join: (_candidate, { name }) =>
      name === "root" ? reject("unauthorized") : accept({ name }, { welcome: name }),
    on: {
      shout: {
        payload: z.object({ text: z.string() }),
        handle(member, { text }) {
          member.broadcast("shout", { text, by: member.state.name });
          return reply({ heard: true });
        },
      },
      whisper: { handle: (member) => member.push("whispered", { to: member.state.name }) },
      others: { handle: (member, payload) => member.broadcastFrom("other", payload) },
      news: { handle: (member, payload) => member.broadcast("news", payload) },
      enter: { handle: (member) => void member.presence.track({ name: member.state.name }) },
      stop: { handle: (member) => member.stop() },
      crash: {
        handle: () => {
          throw new Error("boom");
        },
      },
    },
    intercept: { news: (member) => ({ for: member.state.name }) },
  });
}

describe.each(speakerNames)("a channel, to a client that speaks %s,", (name) => {
  async function setUp(): Promise<{ ann: Speaker; connect: () => Promise<Speaker> }> {
    const server = await startServer();
    declare(server.commonroom);
    const connect = () => speak(name, server);
    const ann = await connect();
    await ann.join("room:a", { name: "ann" });
    return { ann, connect };
  }

  it("accepts a join with its response, and refuses one with its reason", async () => {
    const { connect } = await setUp();
    const ben = await connect();
    expect(await ben.join("room:a", { name: "root" })).toEqual({
      status: "error",
      response: { reason: "unauthorized" },
    });
    expect(await ben.join("room:a", { name: 5 })).toMatchObject({
      status: "error",
      response: { code: "payload_invalid", issues: [{ path: ["name"] }] },
    });
    expect(await ben.join("hall", {})).toMatchObject({ response: { reason: "unmatched topic" } });
    expect(await ben.join("room:a", { name: "ben" })).toEqual({
      status: "ok",
      response: { welcome: "ben" },
    });
  });

  it("answers a push, and its broadcast reaches everyone, or everyone else", async () => {
    const { ann, connect } = await setUp();
    const ben = await connect();
    await ben.join("room:a", { name: "ben" });
    expect(await ann.push("room:a", "shout", { text: "hi" })).toEqual({
      status: "ok",
      response: { heard: true },
    });
    expect(await ann.next()).toEqual(["room:a", "shout", { text: "hi", by: "ann" }]);
    expect(await ben.next()).toEqual(["room:a", "shout", { text: "hi", by: "ann" }]);
    ann.send("room:a", "others", { n: 1 });
    ann.send("room:a", "whisper", {});
    expect(await ben.next()).toEqual(["room:a", "other", { n: 1 }]);
    expect(await ann.next()).toEqual(["room:a", "whispered", { to: "ann" }]);
  });

  it("names the failing path of a payload, and an event that nobody handles", async () => {
    const { ann } = await setUp();
    expect(await ann.push("room:a", "shout", { text: 5 })).toMatchObject({
      status: "error",
      response: { code: "payload_invalid", issues: [{ path: ["text"] }] },
    });
    expect(await ann.push("room:a", "sing", {})).toMatchObject({
      response: { code: "event_unhandled" },
    });
  });

  it("makes an intercepted event for each member", async () => {
    const { ann, connect } = await setUp();
    const ben = await connect();
    await ben.join("room:a", { name: "ben" });
    ann.send("room:a", "news", {});
    expect(await ann.next()).toEqual(["room:a", "news", { for: "ann" }]);
    expect(await ben.next()).toEqual(["room:a", "news", { for: "ben" }]);
  });

  it("shows who is present once the channel tracks", async () => {
    const { ann } = await setUp();
    ann.send("room:a", "enter", {});
    const [, event, state] = await ann.next();
    expect(event).toBe("presence_state");
    expect(Object.values(state as object)).toMatchObject([{ metas: [{ name: "ann" }] }]);
    expect(await ann.next()).toMatchObject(["room:a", "presence_diff", { leaves: {} }]);
  });

  it("closes when it is left or stopped, and errs when a handler throws", async () => {
    const { ann } = await setUp();
    expect(await ann.leave("room:a")).toEqual({ status: "ok", response: {} });
    if (ann.hearsOwnLeave) expect(await ann.next()).toEqual(["room:a", "phx_close", {}]);
    await ann.join("room:b", { name: "ann" });
    ann.send("room:b", "stop", {});
    expect(await ann.next()).toEqual(["room:b", "phx_close", {}]);
    await ann.join("room:c", { name: "ann" });
    ann.send("room:c", "crash", {});
    expect(await ann.next()).toMatchObject(["room:c", "phx_error", { reason: "channel_crash" }]);
    expect(await ann.push("room:c", "shout", { text: "hi" })).toMatchObject({
      response: { reason: "unmatched topic" },
    });
  });
});
