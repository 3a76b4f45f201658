import { type Channel, LongPoll, Presence, Socket } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { joinPhoenix, leavePhoenix, pushPhoenix } from "../../support/phoenix-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

function connect(url: string, options: object = {}): Socket {
  const socket = new Socket(`${url}/socket`, { transport: LongPoll as never, ...options } as never);
  socket.connect();
  onTestFinished(() => socket.disconnect());
  return socket;
}

function hear(channel: Channel, event: string): unknown[] {
  const heard: unknown[] = [];
  channel.on(event, (payload) => void heard.push(payload));
  return heard;
}

describe("npm phoenix's own LongPoll transport", () => {
  it("joins, pushes with a reply, hears others and leaves", async () => {
    const { wsUrl } = await startServer();
    const [ann, ben] = [0, 1].map(() => connect(wsUrl).channel("room:lobby", {}));
    if (ann === undefined || ben === undefined) throw new Error("no channels");
    const heard = hear(ben, "new_msg");
    const names = new Presence(ben);
    expect(await joinPhoenix(ann)).toMatchObject({ status: "ok" });
    expect(await joinPhoenix(ben)).toMatchObject({ status: "ok" });
    expect(await pushPhoenix(ann, "new_msg", { n: 1 })).toEqual({ status: "ok", response: {} });
    await until("the message", () => heard.length === 1);
    await until("both presences", () => names.list().length === 2);
    expect(await leavePhoenix(ben)).toMatchObject({ status: "ok" });
    await until("one member", () => ben.state === "closed");
  });

  it("passes on two hundred and fifty pushes of one turn, in their order", async () => {
    const { wsUrl } = await startServer({ rooms: [{ match: "*", echo: true, presence: false }] });
    const channel = connect(wsUrl).channel("lobby", {});
    const heard = hear(channel, "n");
    await joinPhoenix(channel);
    for (let n = 0; n < 250; n += 1) channel.push("n", { n });
    await until("all of them", () => heard.length === 250);
    expect(heard).toEqual(Array.from({ length: 250 }, (_, n) => ({ n })));
  });

  it("sends its authToken, which opens a room", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const socket = connect(wsUrl, { authToken: tokenFor("lobby") });
    expect(await joinPhoenix(socket.channel("lobby", {}))).toMatchObject({ status: "ok" });
  });

  it("sends bytes upwards, and is told of those that it cannot get", async () => {
    const { wsUrl } = await startServer({ rooms: [{ match: "*", presence: false }] });
    const [ann, ben] = [0, 1].map(() => connect(wsUrl).channel("lobby", {}));
    if (ann === undefined || ben === undefined) throw new Error("no channels");
    const heard = hear(ben, "phx_undeliverable");
    await joinPhoenix(ann);
    await joinPhoenix(ben);
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    expect(await pushPhoenix(ann, "picture", bytes)).toEqual({ status: "ok", response: {} });
    await until("the notice", () => heard.length === 1);
    expect(heard).toMatchObject([{ event: "picture", bytes: 3 }]);
  });

  it("comes back and joins again after the server has ended its session", async () => {
    const { wsUrl, commonroom } = await startServer();
    const socket = connect(wsUrl, { rejoinAfterMs: () => 20 });
    const channel = socket.channel("lobby", {});
    await joinPhoenix(channel);
    const [first] = await commonroom.io.in("lobby").fetchSockets();
    commonroom.io.in("lobby").disconnectSockets(true);
    await until("another session in the room", async () => {
      const [now] = await commonroom.io.in("lobby").fetchSockets();
      return now !== undefined && now.id !== first?.id;
    });
    await until("the channel to be joined", () => channel.state === "joined");
  });

  it("stops when it is refused", async () => {
    const { wsUrl, commonroom } = await startServer();
    const socket = connect(wsUrl, { vsn: "9.0.0" });
    const closed = new Promise((resolve) => socket.onClose(resolve));
    expect(await closed).toMatchObject({ code: 1008, reason: "forbidden" });
    expect(commonroom.status().connections).toBe(0);
  });
});
