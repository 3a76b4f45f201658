import { describe, expect, it } from "vitest";
import type { Channel, ChannelOptions } from "../../../client-shim/index.ts";
import { freePort } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { errorsOf, type FakeServer, openChannel, startFake } from "./fake-server.ts";
import { TestClock } from "./test-clock.ts";

const GRACE_MS = 50;

/** A Channel on a clock that stands still, connected to a fake server. */
async function connectHeld(fake: FakeServer, options: ChannelOptions) {
  const clock = new TestClock();
  const channel = openChannel(fake.url, { clock, auto_reconnect: true, ...options });
  const connecting = channel.connect();
  await open(channel, clock);
  await connecting;
  return { channel, clock, errors: errorsOf(channel) };
}

/** Waits for the handshake, and lets the grace pass. */
async function open(channel: Channel, clock: TestClock): Promise<void> {
  await until("the handshake", () => clock.waits.at(-1) === GRACE_MS);
  clock.advance(GRACE_MS);
  await until("to be open", () => channel.is_connected);
}

/** Waits until a new attempt is planned, and says in how many ms. */
async function planned(channel: Channel, clock: TestClock, count: number): Promise<number> {
  await until("a plan", () => channel.is_connecting && clock.waits.length >= count);
  return clock.waits.at(-1) ?? 0;
}

describe("reconnecting", () => {
  it.each([1000, 1001, 1011, 1012, 4000, 4402, 4409])("follows a close with %d", async (code) => {
    const fake = await startFake();
    const { channel, clock, errors } = await connectHeld(fake, { reconnect_delay: 2 });
    fake.last.socket.close(code);
    expect(await planned(channel, clock, 3)).toBe(2000);
    clock.advance(2000);
    await open(channel, clock);
    expect(fake.connections).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it.each([4400, 4401, 4403, 4404, 4405, 4406, 4407, 4408])("does not follow %d", async (code) => {
    const fake = await startFake();
    const { channel, errors } = await connectHeld(fake, {});
    fake.last.socket.close(code, "go away");
    await until("the end", () => channel.state === "closed");
    expect(errors).toMatchObject([{ name: "ChannelConnectionError", message: "go away" }]);
  });

  it("is not done without auto_reconnect, nor after it was switched off", async () => {
    const fake = await startFake();
    const { channel, clock, errors } = await connectHeld(fake, {});
    fake.cut();
    await planned(channel, clock, 3);
    channel.auto_reconnect = false;
    clock.advance(60_000);
    await until("the end", () => channel.state === "closed");
    const connecting = channel.connect();
    await open(channel, clock);
    await connecting;
    fake.cut();
    await until("the end", () => channel.state === "closed");
    expect(errors).toEqual([]);
    expect(fake.connections).toHaveLength(2);
  });

  it("waits twice as long each time, at most 30 s, and a little less by chance", async () => {
    const clock = new TestClock();
    const url = `ws://127.0.0.1:${await freePort()}`;
    const channel = openChannel(url, { clock, autoReconnect: true });
    const errors = errorsOf(channel);
    await expect(channel.connect()).rejects.toMatchObject({ code: "not_connected" });
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      await until("the failure", () => errors.length === attempt && channel.is_connecting);
      await until("a plan", () => clock.waits.length === attempt);
      if (attempt === 6) clock.chance = 0;
      clock.advance(60_000);
    }
    await until("the last plan", () => clock.waits.length === 8);
    expect(clock.waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 15_000, 15_000]);
  });

  it("waits its own delay where that is more than 30 s", async () => {
    const clock = new TestClock();
    const url = `ws://127.0.0.1:${await freePort()}`;
    const channel = openChannel(url, { clock, autoReconnect: true, reconnectDelay: 45 });
    errorsOf(channel);
    await expect(channel.connect()).rejects.toThrow();
    expect(clock.waits).toEqual([45_000]);
    clock.advance(45_000);
    await until("a plan", () => clock.waits.length === 2);
    expect(clock.waits).toEqual([45_000, 45_000]);
  });

  it("gives up after the attempts it may make, and connects again when told to", async () => {
    const port = await freePort();
    const clock = new TestClock();
    const channel = openChannel(`ws://127.0.0.1:${port}`, {
      clock,
      autoReconnect: true,
      maxReconnectAttempts: 2,
    });
    const errors = errorsOf(channel);
    const joining = channel.join("r");
    await channel.send("kept");
    await expect(channel.connect()).rejects.toThrow();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await until("a plan", () => errors.length === attempt && channel.is_connecting);
      clock.advance(60_000);
    }
    await until("it to give up", () => channel.state === "closed");
    expect(errors.map(({ code }) => code)).toEqual([...Array(3).fill("not_connected"), "gave_up"]);
    await expect(joining).rejects.toMatchObject({ code: "gave_up" });
    expect(channel.get_rooms()).toEqual(["r"]);
    const fake = await startFake({}, port);
    const connecting = channel.connect();
    await open(channel, clock);
    await connecting;
    await until("the rest", () => fake.last.received.length === 2);
    expect(fake.last.received).toMatchObject([{ type: "_join", room: "r" }, "kept"]);
  });

  it("never happens with no attempts to make", async () => {
    const fake = await startFake();
    const { channel, errors } = await connectHeld(fake, { max_reconnect_attempts: 0 });
    fake.cut();
    await until("the end", () => channel.state === "closed");
    expect(errors).toMatchObject([{ code: "gave_up" }]);
  });

  it("counts attempts on while connections do not last, and anew once one has", async () => {
    const fake = await startFake();
    const { channel, clock } = await connectHeld(fake, { reconnectDelay: 2 });
    const cut = async (): Promise<number> => {
      const { length } = clock.waits;
      fake.cut();
      const waitMs = await planned(channel, clock, length + 1);
      clock.advance(waitMs);
      await open(channel, clock);
      return waitMs;
    };
    expect([await cut(), await cut(), await cut()]).toEqual([2000, 4000, 8000]);
    clock.advance(1999);
    expect(await cut()).toBe(16_000);
    clock.advance(2000);
    expect(await cut()).toBe(2000);
  });

  it("does not hammer a server that closes each connection right after its open", async () => {
    const fake = await startFake({
      onConnect: ({ socket }) => setTimeout(() => socket.close(), 60),
    });
    const channel = openChannel(fake.url, { autoReconnect: true, reconnectDelay: 0.05 });
    await channel.connect();
    const startMs = Date.now();
    await until("the sixth connection", () => fake.connections.length === 6);
    // Each lasts 60 ms. The waits grow from 50 to 800 ms, or half of that; without growth it were 610.
    expect(Date.now() - startMs).toBeGreaterThan(1000);
  });

  it.each([false, true])("may be done by a handler (auto_reconnect: %s)", async (autoReconnect) => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock, autoReconnect });
    channel.on_close(({ code }) => {
      if (code === 1006) void channel.connect();
    });
    const connecting = channel.connect();
    await open(channel, clock);
    await connecting;
    const { length } = clock.waits;
    const joining = channel.join("r");
    fake.cut();
    await until("the handshake", () => clock.waits.at(-1) === GRACE_MS);
    // The join's timer and the new connection's grace: nothing else was planned.
    expect(clock.waits.slice(length)).toEqual([10_000, GRACE_MS]);
    clock.advance(GRACE_MS);
    await joining;
    expect(fake.connections).toHaveLength(2);
  });

  it("is hurried by a connect", async () => {
    const fake = await startFake();
    const { channel, clock } = await connectHeld(fake, { reconnectDelay: 60 });
    fake.cut();
    await planned(channel, clock, 3);
    const connecting = channel.connect();
    await open(channel, clock);
    await connecting;
    expect(fake.connections).toHaveLength(2);
  });
});
