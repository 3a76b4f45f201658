import { describe, expect, it } from "vitest";
import {
  connectWire,
  type Frame,
  seenRef,
  type Wire,
  wireNames,
} from "../../support/phoenix-wire.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };

describe.each(wireNames)("over %s, a Phoenix client", (name) => {
  const seen = (joinRef: unknown): unknown => seenRef(name, joinRef);
  const replied = (joinRef: unknown, ref: unknown, topic: unknown, payload: unknown): unknown[] => [
    seen(joinRef),
    ref,
    topic,
    "phx_reply",
    payload,
  ];
  const good = { status: "ok", response: {} };
  const refused = (code: string): object => ({
    status: "error",
    response: { reason: expect.any(String), code },
  });

  async function member(server: TestServer, room: string, joinRef = "1"): Promise<Wire> {
    const wire = await connectWire(name, server);
    await wire.send([joinRef, joinRef, room, "phx_join", {}]);
    expect(await wire.next()).toMatchObject(replied(joinRef, joinRef, room, { status: "ok" }));
    return wire;
  }

  it("gets its heartbeat answered, without a join and with a null join_ref", async () => {
    const wire = await connectWire(name, await startServer());
    await wire.send(
      [null, "1", "phoenix", "heartbeat", {}],
      ["9", 2, "phoenix", "heartbeat", null],
    );
    expect(await wire.next()).toEqual(replied(null, "1", "phoenix", good));
    expect(await wire.next()).toEqual(replied(null, 2, "phoenix", good));
  });

  it("joins and is shown who is present", async () => {
    const wire = await connectWire(name, await startServer());
    await wire.send(["3", "3", "room:a", "phx_join", {}]);
    expect(await wire.next()).toEqual(
      replied("3", "3", "room:a", {
        status: "ok",
        response: { id: expect.stringMatching(/:room:a:3$/) },
      }),
    );
    const [joinRef, ref, , event, payload] = await wire.next();
    expect([joinRef, ref, event]).toEqual([seen("3"), null, "presence_state"]);
    expect(payload).toEqual({ [onlyKey(payload)]: { metas: [{ phx_ref: expect.any(String) }] } });
  });

  it("joins with the connection's token, and not without one", async () => {
    const server = await startServer({ ...quiet, auth: { jwtSecret: secret } });
    const known = await connectWire(name, server, { token: tokenFor("room:a") });
    await known.send(["1", "1", "room:a", "phx_join", {}]);
    expect(await known.next()).toMatchObject(replied("1", "1", "room:a", { status: "ok" }));
    const unknown = await connectWire(name, server);
    await unknown.send(["1", "1", "room:a", "phx_join", {}]);
    expect(await unknown.next()).toEqual(replied("1", "1", "room:a", refused("token_missing")));
  });

  it("pushes, gets a reply, and others hear it with null refs", async () => {
    const server = await startServer(quiet);
    const [ann, ben] = [await member(server, "room:a"), await member(server, "room:a", "7")];
    await ann.send(["1", "2", "room:a", "shout", { text: "hi" }]);
    expect(await ann.next()).toEqual(replied("1", "2", "room:a", good));
    expect(await ben.next()).toEqual([null, null, "room:a", "shout", { text: "hi" }]);
  });

  it("gets ten events of one burst in their order", async () => {
    const server = await startServer(quiet);
    const wire = await member(server, "room:a");
    for (let n = 0; n < 10; n += 1) server.commonroom.io.to("room:a").emit("n", { n });
    for (let n = 0; n < 10; n += 1) {
      expect(await wire.next()).toEqual([null, null, "room:a", "n", { n }]);
    }
  });

  it("joins and pushes in one burst", async () => {
    const wire = await connectWire(name, await startServer(quiet));
    await wire.send(["1", "1", "a", "phx_join", {}], ["1", "2", "a", "hello", {}]);
    expect(await wire.next()).toMatchObject(replied("1", "1", "a", { status: "ok" }));
    expect(await wire.next()).toEqual(replied("1", "2", "a", good));
  });

  it("is told that a topic is not joined, with its ref", async () => {
    const wire = await connectWire(name, await startServer());
    await wire.send(["1", "2", "room:zz", "msg", {}]);
    expect(await wire.next()).toEqual(replied(null, "2", "room:zz", refused("room_not_joined")));
  });

  it("leaves: the reply, then phx_close whose ref is the join's", async () => {
    const wire = await member(await startServer(quiet), "room:a", "3");
    await wire.send(["3", "11", "room:a", "phx_leave", {}]);
    expect(await wire.next()).toMatchObject(replied("3", "11", "room:a", { status: "ok" }));
    expect(await wire.next()).toEqual([seen("3"), "3", "room:a", "phx_close", {}]);
  });

  it("leaves without a join_ref, which belongs to any join", async () => {
    const wire = await member(await startServer(quiet), "room:a", "3");
    await wire.send([null, "4", "room:a", "phx_leave", {}]);
    expect(await wire.next()).toMatchObject(replied("3", "4", "room:a", { status: "ok" }));
    expect(await wire.next()).toEqual([seen("3"), "3", "room:a", "phx_close", {}]);
  });

  it("is told of a crash by phx_error whose ref is the join's, and stays connected", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", {
      on: {
        boom: {
          handle: () => {
            throw new Error("boom");
          },
        },
      },
    });
    const wire = await member(server, "room:a", "3");
    await wire.send(["3", "4", "room:a", "boom", {}]);
    const crash = { reason: "channel_crash", code: "push_crashed" };
    expect(await wire.next()).toEqual([seen("3"), "3", "room:a", "phx_error", crash]);
    await wire.send(["3", "5", "room:a", "boom", {}]);
    expect(await wire.next()).toEqual(replied(null, "5", "room:a", refused("room_not_joined")));
  });

  it("leaves a topic that it has not joined without a close", async () => {
    const wire = await connectWire(name, await startServer());
    await wire.send(
      ["3", "13", "room:a", "phx_leave", {}],
      [null, "1", "phoenix", "heartbeat", {}],
    );
    expect(await wire.next()).toEqual(replied("3", "13", "room:a", good));
    expect(await wire.next()).toEqual(replied(null, "1", "phoenix", good));
  });

  it("joins twice: the new reply, then the close of the old join", async () => {
    const wire = await member(await startServer(quiet), "room:a");
    await wire.send(["2", "2", "room:a", "phx_join", {}]);
    expect(await wire.next()).toMatchObject(replied("2", "2", "room:a", { status: "ok" }));
    expect(await wire.next()).toEqual([seen("1"), "1", "room:a", "phx_close", {}]);
  });

  it("leaves and joins in one burst, in Phoenix's order", async () => {
    const wire = await member(await startServer(quiet), "room:a");
    await wire.send(["1", "2", "room:a", "phx_leave", {}], ["3", "3", "room:a", "phx_join", {}]);
    expect(await wire.next()).toMatchObject(replied("1", "2", "room:a", { status: "ok" }));
    expect(await wire.next()).toEqual([seen("1"), "1", "room:a", "phx_close", {}]);
    expect(await wire.next()).toMatchObject(replied("3", "3", "room:a", { status: "ok" }));
  });

  it("gets no answer to a frame of an earlier join, and one to a frame without a join_ref", async () => {
    const wire = await member(await startServer(quiet), "room:a", "5");
    await wire.send(["4", "6", "room:a", "phx_leave", {}], [null, "7", "room:a", "hi", {}]);
    expect(await wire.next()).toEqual(replied("5", "7", "room:a", good));
  });

  it("has its refs echoed as they were sent, integers as integers", async () => {
    const wire = await connectWire(name, await startServer(quiet));
    await wire.send([7, 7, "room:a", "phx_join", {}], [7, 8, "room:a", "hi", {}]);
    expect(await wire.next()).toMatchObject(replied(7, 7, "room:a", { status: "ok" }));
    expect(await wire.next()).toEqual(replied(7, 8, "room:a", good));
  });

  it("is refused the room that exceeds its limit", async () => {
    const server = await startServer({ ...quiet, limits: { maxRoomsPerConnection: 1 } });
    const wire = await member(server, "room:a");
    await wire.send(["2", "2", "room:b", "phx_join", {}]);
    const [, ref, , , payload] = await wire.next();
    expect([ref, payload]).toEqual(["2", refused("rooms_exhausted")]);
  });

  it("is disconnected by server code, and leaves its rooms", async () => {
    const server = await startServer(quiet);
    const wire = await member(server, "room:a");
    server.commonroom.io.in("room:a").disconnectSockets(true);
    await wire.ended();
    expect(server.commonroom.status()).toMatchObject({ connections: 0, rooms: 0 });
  });

  it("is in the same room as clients of every other wire", async () => {
    const server = await startServer(quiet);
    const own = await member(server, "room:a");
    for (const other of wireNames) {
      const wire = await connectWire(other, server);
      await wire.send(["1", "1", "room:a", "phx_join", {}]);
      await wire.next();
      await wire.send(["1", "2", "room:a", "hi", { from: other }]);
      const heard: Frame = [null, null, "room:a", "hi", { from: other }];
      expect(await own.next()).toEqual(heard);
    }
  });
});

function onlyKey(value: unknown): string {
  const keys = Object.keys(Object(value));
  expect(keys).toHaveLength(1);
  return keys[0] ?? "";
}
