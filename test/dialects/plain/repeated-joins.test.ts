import { describe, expect, it } from "vitest";
import { accept, reject } from "../../../server/index.ts";
import { connectPlain, heardBy, joinPlain } from "../../support/plain-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** A server whose joins are decided when the test says so, each by the next of the answers. */
async function startSlow(limits: object = {}) {
  const server = await startServer({ limits });
  const waiting: ((isWelcome: boolean) => void)[] = [];
  let asked = 0;
  server.commonroom.channel("slow", {
    join: async () => {
      asked += 1;
      const isWelcome = await new Promise<boolean>((resolve) => waiting.push(resolve));
      return isWelcome ? accept({}, { asked }) : reject("not now");
    },
    on: {
      crash: {
        handle: () => {
          throw new Error("boom");
        },
      },
    },
  });
  const decide = async (isWelcome: boolean): Promise<void> => {
    await until("a join to decide", () => waiting.length > 0);
    waiting.shift()?.(isWelcome);
  };
  return { server, decide, asked: () => asked };
}

const join = { type: "_join", room: "slow" };

describe("a join that is repeated", () => {
  it("while it is undecided is answered with the same decision", async () => {
    const { server, decide, asked } = await startSlow();
    const ann = await connectPlain(server);
    for (const _id of [1, 2, 3]) ann.send({ ...join, _id });
    await decide(true);
    for (const _re of [1, 2, 3]) {
      expect(await ann.next()).toEqual({ _re, status: "ok", response: { asked: 1 } });
    }
    expect(asked()).toBe(1);
  });

  it("too often while it is undecided is refused", async () => {
    const { server, decide } = await startSlow({ maxWaitingPushes: 2 });
    const ann = await connectPlain(server);
    for (const _id of [1, 2, 3, 4, 5]) ann.send({ ...join, _id });
    expect(await ann.next()).toMatchObject({ _re: 4, response: { code: "too_many_waiting" } });
    expect(await ann.next()).toMatchObject({ _re: 5, response: { code: "too_many_waiting" } });
    await decide(true);
    expect(await heardBy(ann)).toMatchObject([{ _re: 1 }, { _re: 2 }, { _re: 3 }]);
  });

  it("after a leave is a new one, also while the first is undecided", async () => {
    const { server, decide, asked } = await startSlow();
    const ann = await connectPlain(server);
    ann.send({ ...join, _id: 1 });
    ann.send({ type: "_leave", room: "slow", _id: 2 });
    ann.send({ ...join, _id: 3 });
    await decide(true);
    await decide(true);
    expect(await ann.next()).toMatchObject({ _re: 1, status: "ok" });
    expect(await ann.next()).toMatchObject({ _re: 2, status: "ok" });
    expect(await ann.next()).toMatchObject({ _re: 3, status: "ok" });
    expect(asked()).toBe(2);
    expect(server.commonroom.status().rooms).toBe(1);
  });

  it("after a refusal is a new one", async () => {
    const { server, decide } = await startSlow();
    const ann = await connectPlain(server);
    ann.send({ ...join, _id: 1 });
    await decide(false);
    expect(await ann.next()).toMatchObject({ _re: 1, status: "error" });
    ann.send({ ...join, _id: 2 });
    await decide(true);
    expect(await ann.next()).toMatchObject({ _re: 2, status: "ok" });
  });

  it("after the server ended the membership is a new one", async () => {
    const { server, decide } = await startSlow();
    const ann = await connectPlain(server);
    ann.send({ ...join, _id: 1 });
    await decide(true);
    expect(await ann.next()).toMatchObject({ _re: 1, status: "ok" });
    ann.send({ _room: "slow", _event: "crash" });
    expect(await ann.next()).toMatchObject({ _event: "phx_error", code: "push_crashed" });
    ann.send({ ...join, _id: 2 });
    await decide(true);
    expect(await ann.next()).toEqual({ _re: 2, status: "ok", response: { asked: 2 } });
  });

  it("with another wish is a new one", async () => {
    const server = await startServer();
    const ann = await joinPlain(server, "lobby");
    ann.send({ type: "_join", room: "lobby", presence: true, _id: 2 });
    expect(await heardBy(ann)).toMatchObject([
      { _re: 2, status: "ok" },
      { _event: "presence_state" },
    ]);
  });
});
