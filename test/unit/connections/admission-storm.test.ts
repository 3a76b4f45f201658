import { describe, expect, it } from "vitest";
import { connectPlain } from "../../support/plain-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { openTower } from "../../support/tower-client.ts";
import { until, within } from "../../support/until.ts";

const heartbeat = [null, "h", "phoenix", "heartbeat", {}];

describe("a storm of clients", { timeout: 30_000 }, () => {
  it("comes in at the server's pace, whatever the clients speak, and none fails", async () => {
    const limits = { connectsPerSec: 20, longPollWindowMs: 1000 };
    const { url, wsUrl } = await startServer({ limits });
    const startedAtMs = Date.now();
    const each = Array.from({ length: 12 });
    await Promise.all([
      ...each.map(() => connectRaw(`${wsUrl}/websocket?vsn=2.0.0`)),
      ...each.map(() => connectPlain({ wsUrl })),
      ...each.map(() => connectSocketIo(url)),
      ...each.map(() => connectSocketIo(url, { transports: ["polling"] })),
      ...each.map(() => openTower(`${wsUrl}/websocket/`)),
    ]);
    // 60 clients, of which 20 come at once.
    expect(Date.now() - startedAtMs).toBeGreaterThan(1900);
  });

  it("does not hold up those that are in", async () => {
    const { wsUrl } = await startServer({ limits: { connectsPerSec: 5 } });
    const member = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    member.send(["1", "1", "lobby", "phx_join", {}]);
    await member.next();
    let connected = 0;
    const storm = Array.from({ length: 20 }, async () => {
      await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
      connected += 1;
    });
    await until("some to be in", () => connected >= 4);
    const before = connected;
    for (let n = 0; n < 20; n += 1) {
      member.send(heartbeat);
      member.send(["1", `p${n}`, "lobby", "tick", {}]);
      await until("both answers", () =>
        [`"p${n}"`, '"h"'].every((ref) => JSON.stringify(member.received).includes(ref)),
      );
    }
    expect(connected - before).toBeLessThan(12);
    await Promise.all(storm);
  });

  it("is told to come later where too many wait already", async () => {
    const limits = { connectsPerSec: 1, maxWaitingConnects: 1 };
    const { url, wsUrl } = await startServer({ limits });
    await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const waits = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const phoenix = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    await expect(phoenix).rejects.toThrow("503");
    const plain = await connectPlain({ wsUrl });
    expect(await plain.next()).toMatchObject({ code: "connect_later" });
    expect(await plain.end()).toMatchObject({ code: 4429 });
    await expect(connectSocketIo(url, { reconnection: false })).rejects.toThrow();
    await waits;
  });

  it("of joins waits its turn: each connection's joins in their order, its pushes meanwhile", async () => {
    const limits = { joinsPerSec: 5, presenceWindowMs: 0 };
    const { wsUrl } = await startServer({ limits });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    for (let n = 0; n < 12; n += 1) client.send([`${n}`, `${n}`, `room${n}`, "phx_join", {}]);
    client.send(["0", "p", "room0", "tick", {}]);
    // Waits behind its own join, and for nothing else.
    client.send(["11", "q", "room11", "tick", {}]);
    const replies = () =>
      client.received.flatMap((frame) =>
        Array.isArray(frame) && frame[3] === "phx_reply" ? [[frame[1], frame[4].status]] : [],
      );
    await until("all answers", () => replies().length === 14);
    expect(replies().every(([, status]) => status === "ok")).toBe(true);
    const order = replies().map(([ref]) => ref);
    expect(order.filter((ref) => /^\d/.test(ref))).toEqual(
      Array.from({ length: 12 }, (_, n) => `${n}`),
    );
    expect(order.indexOf("p")).toBeLessThan(order.indexOf("6"));
    expect(order.at(-1)).toBe("q");
  });

  it("of joins beyond what may wait is refused, with a code that says to try again", async () => {
    const limits = { joinsPerSec: 1, maxWaitingJoins: 1 };
    const { url } = await startServer({ limits });
    const natives = await Promise.all([1, 2, 3].map(() => connectSocketIo(url)));
    const replies = await Promise.all(natives.map((native) => ask(native, "join", "a", {})));
    expect(replies.sort((one, other) => (one.status < other.status ? 1 : -1))).toMatchObject([
      { status: "ok" },
      { status: "ok" },
      { status: "error", response: { code: "too_many_waiting" } },
    ]);
  });

  it("of one connection's joins cannot fill the queue: its limit of rooms counts those that wait", async () => {
    const limits = { joinsPerSec: 1, maxRoomsPerConnection: 3 };
    const { url } = await startServer({ limits });
    const native = await connectSocketIo(url);
    const joins = Array.from({ length: 50 }, (_, n) => ask(native, "join", `room${n}`, {}));
    const refused = await Promise.all(joins.slice(3));
    for (const reply of refused) {
      expect(reply).toMatchObject({ response: { code: "rooms_exhausted" } });
    }
    expect(await Promise.all(joins.slice(0, 3))).toMatchObject(
      [1, 2, 3].map(() => ({ status: "ok" })),
    );
  });

  it("of clients that join many rooms keeps nobody else waiting for all of them", async () => {
    const limits = { joinsPerSec: 20, maxWaitingJoins: 100 };
    const { url } = await startServer({ limits });
    const greedy = await Promise.all(Array.from({ length: 10 }, () => connectSocketIo(url)));
    for (const client of greedy) {
      for (let n = 0; n < 90; n += 1) client.emit("join", `room${n}`, {}, () => {});
    }
    const patient = await connectSocketIo(url);
    const startedAtMs = Date.now();
    expect(await ask(patient, "join", "lobby", {})).toMatchObject({ status: "ok" });
    expect(Date.now() - startedAtMs).toBeLessThan(3000);
  });

  it("lets go of joins whose clients have gone, also of those behind them", async () => {
    const { commonroom, url } = await startServer({ limits: { joinsPerSec: 2 } });
    const gone = await Promise.all(Array.from({ length: 20 }, () => connectSocketIo(url)));
    for (const client of gone) {
      for (let n = 0; n < 5; n += 1) client.emit("join", `room${n}`, {}, () => {});
    }
    const patient = await connectSocketIo(url);
    for (const client of gone) client.disconnect();
    await until("their end", () => commonroom.io.of("/").sockets.size === 1);
    const startedAtMs = Date.now();
    expect(await ask(patient, "join", "lobby", {})).toMatchObject({ status: "ok" });
    expect(Date.now() - startedAtMs).toBeLessThan(4000);
  });

  it("of clients that wait is sent away when the server stops", async () => {
    const { commonroom, wsUrl } = await startServer({ limits: { connectsPerSec: 1 } });
    await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const waits = Array.from({ length: 10 }, () =>
      connectRaw(`${wsUrl}/websocket?vsn=2.0.0`).catch(String),
    );
    const isWaiting = connectRaw(`${wsUrl}/nowhere`).catch(() => "answered");
    expect(await isWaiting).toBe("answered");
    // Not each when its turn would have come.
    const ends = within("all to be sent away", Promise.all([commonroom.close(), ...waits]));
    const [, ...answers] = await ends;
    for (const answer of answers) expect(String(answer)).toContain("503");
  });
});
