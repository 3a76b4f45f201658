import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { publish } from "../support/publish.ts";

import {
  connectLogClient,
  eventsOf,
  joinLog,
  type LogClient,
  waitForEvents,
  ways,
} from "./log-client.ts";
import { startLogServer, stores } from "./stores.ts";

const logged: CommonroomOptions = {
  rooms: [{ match: "log:*", log: { size: 100, ttl: "1h" } }],
};

const ROOM = "log:a";

function offsetsOf(client: LogClient): (number | undefined)[] {
  return eventsOf(client).map(({ offset }) => offset);
}

const cases = stores.flatMap((store) => ways.map((way) => ({ store, way })));

describe.each(cases)("A member of a room with a log in $store over $way", ({ store, way }) => {
  it("learns offset and epoch when it joins, and hears every message with its offset", async () => {
    const server = await startLogServer(store, logged);
    const ann = await connectLogClient(way, server);
    const ben = await connectLogClient(way, server);
    const begun = await joinLog(ann, ROOM);
    expect(begun).toEqual({ id: expect.any(String), offset: 0, epoch: expect.any(String) });
    await joinLog(ben, ROOM);
    expect(await ben.push(ROOM, "said", { n: 1 })).toEqual({
      status: "ok",
      response: { offset: 1 },
    });
    server.commonroom.io.to(ROOM).emit("told", { n: 2 });
    await publish(server, { room: ROOM, payload: { n: 3 } });
    expect(await waitForEvents(ann, 3)).toMatchObject([
      { event: "said", payload: { n: 1 }, offset: 1 },
      { event: "told", payload: { n: 2 }, offset: 2 },
      { event: "message", payload: { n: 3 }, offset: 3 },
    ]);
    expect(await joinLog(await connectLogClient(way, server), ROOM)).toMatchObject({
      offset: 3,
      epoch: begun.epoch,
    });
  });

  it("gets what it has missed right after the reply, in order, once, and then what is new", async () => {
    const server = await startLogServer(store, logged);
    const sender = await connectLogClient("v2", server);
    const { epoch } = await joinLog(sender, ROOM);
    for (let n = 1; n <= 20; n += 1) await sender.push(ROOM, "said", { n });
    const client = await connectLogClient(way, server);
    const joining = client.join(ROOM, { since: 5, epoch });
    const pushing = Array.from({ length: 20 }, (_, index) =>
      sender.push(ROOM, "said", { n: 21 + index }),
    );
    await Promise.all(pushing);
    const { response } = await joining;
    expect(response).toMatchObject({ recovered: true, epoch });
    const events = await waitForEvents(client, 35);
    expect(client.told[0]?.kind).toBe("joined");
    const expected = Array.from({ length: 35 }, (_, index) => index + 6);
    expect(events.map(({ offset }) => offset)).toEqual(expected);
    expect(events.map(({ payload }) => payload)).toEqual(expected.map((n) => ({ n })));
  });

  it("gets its own messages too, for another connection may have lost them", async () => {
    const server = await startLogServer(store, logged);
    const former = await connectLogClient(way, server);
    const { epoch } = await joinLog(former, ROOM);
    await former.push(ROOM, "said", { n: 1 });
    former.cut();
    const client = await connectLogClient(way, server);
    expect(await joinLog(client, ROOM, { since: 0, epoch })).toMatchObject({ recovered: true });
    expect(await waitForEvents(client, 1)).toMatchObject([{ payload: { n: 1 }, offset: 1 }]);
  });

  it("is told where the log is another one or does not reach back, and gets nothing old", async () => {
    const server = await startLogServer(store, { rooms: [{ match: "log:*", log: { size: 3 } }] });
    const sender = await connectLogClient("v2", server);
    const { epoch } = await joinLog(sender, ROOM);
    for (let n = 1; n <= 5; n += 1) await sender.push(ROOM, "said", { n });
    const wrong: readonly object[] = [
      { since: 1, epoch },
      { since: 0 },
      { since: 3, epoch: "another" },
      { since: 3 },
      { since: 6, epoch },
    ];
    for (const params of wrong) {
      const client = await connectLogClient(way, server);
      const answer = await joinLog(client, ROOM, params);
      expect(answer).toMatchObject({ recovered: false, offset: 5, epoch });
      // Its reply comes after all that was sent before.
      await client.push("log:elsewhere", "said", {});
      expect(offsetsOf(client)).toEqual([]);
    }
    const client = await connectLogClient(way, server);
    expect(await joinLog(client, ROOM, { since: 3, epoch })).toMatchObject({ recovered: true });
    expect(await waitForEvents(client, 2)).toMatchObject([{ offset: 4 }, { offset: 5 }]);
  });

  it("is sent nothing old where that is more than may wait for one reader", async () => {
    const limits = { maxBacklogBytes: 100_000 };
    const server = await startLogServer(store, { ...logged, limits });
    const sender = await connectLogClient("v2", server);
    const { epoch } = await joinLog(sender, ROOM);
    const text = "x".repeat(20_000);
    for (let n = 1; n <= 6; n += 1) await sender.push(ROOM, "said", { text });
    const client = await connectLogClient(way, server);
    expect(await joinLog(client, ROOM, { since: 0, epoch })).toMatchObject({ recovered: false });
    expect(await joinLog(client, "log:b", { since: 0 })).toMatchObject({ recovered: true });
    const other = await connectLogClient(way, server);
    expect(await joinLog(other, ROOM, { since: 4, epoch })).toMatchObject({ recovered: true });
    expect(await waitForEvents(other, 2)).toMatchObject([{ offset: 5 }, { offset: 6 }]);
  });

  it("numbers its messages, and one that it repeats is logged once", async () => {
    const server = await startLogServer(store, logged);
    const ann = await connectLogClient(way, server);
    const ben = await connectLogClient(way, server);
    const { epoch } = await joinLog(ann, ROOM, { meta: {} });
    await joinLog(ben, ROOM);
    const first = { text: "what?", _sequence: 1 };
    expect(await ann.push(ROOM, "said", first)).toMatchObject({ response: { offset: 1 } });
    expect(await ann.push(ROOM, "said", first)).toMatchObject({ response: { offset: 1 } });
    const last = { text: "that", _sequence: 2, _inreplyto: 1, _type: "end" };
    expect(await ann.push(ROOM, "said", last)).toMatchObject({ response: { offset: 2 } });
    const expected = [
      { payload: { text: "what?" }, offset: 1, marks: { sequence: 1 } },
      { payload: { text: "that" }, offset: 2, marks: { sequence: 2, inreplyto: 1, type: "end" } },
    ];
    expect(await waitForEvents(ben, 2)).toMatchObject(expected);
    const later = await connectLogClient(way, server);
    await joinLog(later, ROOM, { since: 0, epoch });
    expect(await waitForEvents(later, 2)).toMatchObject(expected);
    expect(eventsOf(later)).toEqual(eventsOf(ben));
  });

  it.each([{ _sequence: 0 }, { _sequence: "1" }, { _inreplyto: 1.5 }, { _type: "other" }])(
    "is refused with numbering_invalid for %j",
    async (payload) => {
      const server = await startLogServer(store, logged);
      const client = await connectLogClient(way, server);
      await joinLog(client, ROOM);
      const { response } = await client.push(ROOM, "said", payload);
      expect(response).toMatchObject({ code: "numbering_invalid" });
    },
  );

  it("is refused with since_invalid for what is no position, and may leave it out by null", async () => {
    const server = await startLogServer(store, logged);
    const client = await connectLogClient(way, server);
    for (const params of [{ since: -1 }, { since: 1.5 }, { since: "1" }, { since: 1, epoch: 2 }]) {
      const { response } = await client.join(ROOM, params);
      expect(response).toMatchObject({ code: "since_invalid" });
    }
    const answer = await joinLog(client, ROOM, { since: null, epoch: null });
    expect(answer).not.toHaveProperty("recovered");
  });
});
