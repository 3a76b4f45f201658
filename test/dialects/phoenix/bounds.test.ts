import { describe, expect, it } from "vitest";
import { ManualClock } from "../../support/manual-clock.ts";
import {
  connectWire,
  type Frame,
  seenRef,
  type WireName,
  wireNames,
} from "../../support/phoenix-wire.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

const RELAY = { rooms: [{ match: "*", presence: false }] };
const longest = "ü".repeat(127);

describe.each(wireNames)("A ref over %s", (wireName: WireName) => {
  it("may have 255 bytes, of a join or of a request", async () => {
    const wire = await connectWire(wireName, await startServer(RELAY));
    const ref = `x${longest}`;
    await wire.send([ref, ref, "a", "phx_join", {}]);
    const [joinRef, echoed] = await wire.next();
    expect([joinRef, echoed]).toEqual([seenRef(wireName, ref), ref]);
  });

  it.each<Frame>([
    [`xx${longest}`, "1", "a", "phx_join", {}],
    ["1", `xx${longest}`, "a", "phx_join", {}],
  ])("of more is a bad frame", async (...frame) => {
    const wire = await connectWire(wireName, await startServer(RELAY));
    await wire.send(frame);
    await wire.ended();
  });
});

describe("A second join that is refused, since too many wait", () => {
  it("ends the first: it is not present, and hears nothing more", async () => {
    const server = await startServer({ limits: { maxWaitingPushes: 1 } });
    const left: string[] = [];
    let isHeld: boolean = false;
    server.commonroom.channel("room:*", {
      joined: (member) => void member.presence.track(),
      leave: (_member, departure) => void left.push(departure),
      on: {
        hold: {
          handle: () => {
            isHeld = true;
            return new Promise(() => {});
          },
        },
      },
    });
    const wire = await connectWire("v2", server);
    await wire.send(["1", "1", "room:a", "phx_join", {}]);
    await wire.next();
    await wire.send(["1", "2", "room:a", "hold", {}]);
    await until("a push to be under way", () => isHeld);
    await wire.send(["1", "3", "room:a", "hold", {}], ["4", "4", "room:a", "phx_join", {}]);
    const frames: Frame[] = [];
    const isClose = ([, , , event]: Frame): boolean => event === "phx_close";
    while (!frames.some(isClose)) frames.push(await wire.next());
    expect(frames.slice(-2)).toMatchObject([
      ["4", "4", "room:a", "phx_reply", { response: { code: "too_many_waiting" } }],
      ["1", "1", "room:a", "phx_close", {}],
    ]);
    expect(left).toEqual(["replaced"]);
    expect(await server.commonroom.presences("room:a")).toEqual({});
  });

  it("ends the first also where joins of all connections wait", async () => {
    const limits = { joinsPerSec: 1, maxWaitingJoins: 1 };
    const server = await startServer({ ...RELAY, limits }, { clock: new ManualClock() });
    const wire = await connectWire("v2", server);
    await wire.send(["1", "1", "a", "phx_join", {}]);
    await wire.next();
    const waiting = await connectSocketIo(server.url);
    waiting.emit("join", "b", {});
    const other = await connectSocketIo(server.url);
    expect(await ask(other, "join", "b", {})).toMatchObject({ status: "error" });
    await wire.send(["2", "2", "a", "phx_join", {}]);
    expect(await wire.next()).toMatchObject([
      "2",
      "2",
      "a",
      "phx_reply",
      { response: { code: "too_many_waiting" } },
    ]);
    expect(await wire.next()).toEqual(["1", "1", "a", "phx_close", {}]);
    expect(server.commonroom.io.of("/").adapter.rooms.has("a")).toBe(false);
  });
});
