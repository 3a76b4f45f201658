import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ChannelConnectionError } from "../../../client-shim/index.ts";
import { freePort } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { connections, connectTo, errorsOf, openChannel, startFake } from "./fake-server.ts";
import { TestClock } from "./test-clock.ts";

/** Refuses what a browser's WebSocket refuses. */
class StrictWebSocket extends WebSocket {
  override close(code = 1000, reason?: string): void {
    if (code !== 1000 && (code < 3000 || code > 4999)) throw new RangeError(`not allowed: ${code}`);
    super.close(code, reason);
  }
}

/** As Node 22's own: of a connection that was never open, an error and no `close`. */
class ErrorAlone extends WebSocket {
  #wasOpen: boolean = false;

  override emit(name: string | symbol, ...given: unknown[]): boolean {
    if (name === "open") this.#wasOpen = true;
    if (this.#wasOpen) return super.emit(name, ...given);
    Object.defineProperty(this, "readyState", { value: this.CONNECTING });
    return name !== "close" && super.emit(name, ...given);
  }
}

/** As every Node's own: closed while it connects, it says so before `close` returns. */
class EndsAtOnce extends WebSocket {
  override close(): void {
    super.close();
    this.emit("close", 1006, Buffer.alloc(0));
    this.onclose = null;
  }
}

describe("connect", () => {
  it("is done when the connection is open, and does nothing after that", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    const states: string[] = [channel.state];
    const numbers: number[] = [channel.ready_state];
    channel.state_signal.subscribe((state) => states.push(state));
    channel.ready_state_signal.subscribe((state) => numbers.push(state));
    const opened: unknown[] = [];
    channel.on_open((event) => opened.push(event));
    const connecting = channel.connect();
    expect([channel.state, channel.is_connecting, channel.is_connected]).toEqual([
      "connecting",
      true,
      false,
    ]);
    await connecting;
    expect([channel.state_signal(), channel.ready_state_signal()]).toEqual(["open", 1]);
    expect([channel.is_connecting, channel.is_connected]).toEqual([false, true]);
    await channel.connect();
    await channel.close();
    expect(states).toEqual(["closed", "connecting", "open", "closing", "closed"]);
    expect(numbers).toEqual([3, 0, 1, 2, 3]);
    expect(opened).toMatchObject([{ type: "open" }]);
    expect(fake.connections).toHaveLength(1);
  });

  it("joins an attempt that is under way", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    await Promise.all([channel.connect(), channel.connect()]);
    await channel.connect();
    expect(fake.connections).toHaveLength(1);
  });

  it("waits 50 ms for a refusal, or until any other frame", async () => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock });
    const heard: unknown[] = [];
    channel.on_message((message) => heard.push([channel.state, message]));
    const connecting = channel.connect();
    await until("the handshake", () => clock.waits.length > 0);
    expect(clock.waits).toEqual([50]);
    expect(channel.state).toBe("connecting");
    fake.last.send({ hello: 1 });
    await connecting;
    expect(heard).toEqual([["open", { hello: 1 }]]);
  });

  it.each([
    [4403, "origin not allowed", "origin_refused", false],
    [4429, "try again later", "connect_busy", true],
  ])("is refused by a close with %d, with the frame's reason and code", async (...row) => {
    const [closeCode, reason, code, comesBack] = row;
    const fake = await startFake({
      onConnect: (connection) => {
        connection.send({ type: "_error", code, reason });
        connection.socket.close(closeCode);
      },
    });
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock, autoReconnect: true });
    const errors = errorsOf(channel);
    const opened: unknown[] = [];
    channel.on_open((event) => opened.push(event));
    const connecting = channel.connect();
    await expect(connecting).rejects.toThrow(ChannelConnectionError);
    await expect(connecting).rejects.toMatchObject({ message: reason, code });
    expect(errors).toMatchObject([{ name: "ChannelConnectionError", message: reason, code }]);
    expect(opened).toEqual([]);
    expect(channel.state).toBe(comesBack ? "connecting" : "closed");
  });

  it("tells the error handlers of an error frame that no close follows", async () => {
    const fake = await startFake({
      onConnect: (connection) => connection.send({ type: "_error", code: "odd", reason: "odd" }),
    });
    const channel = openChannel(fake.url);
    const errors = errorsOf(channel);
    await channel.connect();
    expect(errors).toMatchObject([{ code: "odd", message: "odd" }]);
    const closes: unknown[] = [];
    channel.on_close(({ code }) => closes.push(code));
    fake.cut();
    await until("the cut", () => closes.length === 1);
    expect(errors).toHaveLength(1);
  });

  it("fails at once where the handshake fails, with what is known of the reason", async () => {
    const fake = await startFake({ refuseWith: () => 403 });
    const channel = openChannel(fake.url);
    const errors = errorsOf(channel);
    const closes: unknown[] = [];
    channel.on_close(({ code }) => closes.push(code));
    await expect(channel.connect()).rejects.toMatchObject({
      name: "ChannelConnectionError",
      code: "not_connected",
      message: expect.stringContaining("403"),
    });
    expect(errors).toHaveLength(1);
    expect(closes).toEqual([1006]);
    expect(channel.state).toBe("closed");
  });

  it("fails at once, and tries again, where the class tells of a failure and of no close", async () => {
    const channel = openChannel(`ws://127.0.0.1:${await freePort()}`, {
      WebSocket: ErrorAlone,
      auto_reconnect: true,
      reconnect_delay: 0.01,
    });
    const errors = errorsOf(channel);
    const closes: unknown[] = [];
    channel.on_close(({ code, reason }) => closes.push([code, reason]));
    await expect(channel.connect()).rejects.toThrow(ChannelConnectionError);
    await until("a second failure", () => closes.length >= 2);
    expect(closes.slice(0, 2)).toEqual([
      [1006, ""],
      [1006, ""],
    ]);
    expect(errors[0]).toMatchObject({
      code: "not_connected",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    await channel.close();
  });

  it.each([
    ["an address that is none", "no address", WebSocket],
    ["a class that is none", "ws://127.0.0.1:1", 5 as never],
  ])("fails for good where it cannot even try: %s", async (_what, url, WebSocketClass) => {
    const channel = openChannel(url, { WebSocket: WebSocketClass, autoReconnect: true });
    const errors = errorsOf(channel);
    await expect(channel.connect()).rejects.toThrow(ChannelConnectionError);
    expect(channel.state).toBe("closed");
    expect(errors).toHaveLength(1);
  });

  it("can be tried again after a failure, at the address that it has then", async () => {
    const channel = openChannel(`ws://127.0.0.1:${await freePort()}`);
    errorsOf(channel);
    await expect(channel.connect()).rejects.toThrow(ChannelConnectionError);
    const fake = await startFake();
    channel.url = fake.url;
    await channel.connect();
    expect(channel.state).toBe("open");
  });

  it("fails without an unhandled rejection where nobody waits for it", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const channel = openChannel(`ws://127.0.0.1:${await freePort()}`);
    const errors = errorsOf(channel);
    void channel.connect();
    void channel.join("r");
    void channel.push("r", "e");
    void channel.send(1n);
    await until("the failure", () => errors.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});

describe("close", () => {
  it("ends the connection with its code and reason", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake, { autoReconnect: true });
    const closes: unknown[] = [];
    channel.on_close(({ code, reason }) => closes.push([code, reason]));
    const told: unknown[] = [];
    fake.last.socket.on("close", (code, reason) => told.push([code, String(reason)]));
    const closing = channel.close(3001, "bye");
    expect([channel.state, channel.ready_state]).toEqual(["closing", 2]);
    await Promise.all([closing, channel.close()]);
    expect(channel.state).toBe("closed");
    expect(closes).toEqual([[3001, "bye"]]);
    await until("the server to hear", () => told.length === 1);
    expect(told).toEqual([[3001, "bye"]]);
    await channel.close();
    expect(fake.connections).toHaveLength(1);
  });

  it("rejects for a code that WebSocket does not allow, and stays open", async () => {
    const channel = await connectTo(await startFake(), { WebSocket: StrictWebSocket });
    await expect(channel.close(1001)).rejects.toThrow(ChannelConnectionError);
    expect(channel.state).toBe("open");
    await channel.send("still here");
  });

  it("stops an attempt that is under way", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url, { autoReconnect: true });
    const errors = errorsOf(channel);
    const connecting = channel.connect();
    await channel.close();
    await expect(connecting).rejects.toThrow(ChannelConnectionError);
    expect(channel.state).toBe("closed");
    expect(errors).toEqual([]);
  });

  it("stops it once, and without an error, where the class ends before its close returns", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url, { autoReconnect: true, WebSocket: EndsAtOnce });
    const errors = errorsOf(channel);
    const closes: unknown[] = [];
    channel.on_close(({ code }) => closes.push(code));
    const states: string[] = [];
    channel.state_signal.subscribe((state) => states.push(state));
    const connecting = channel.connect();
    await channel.close();
    await expect(connecting).rejects.toThrow(ChannelConnectionError);
    expect(closes).toEqual([1006]);
    expect(states).toEqual(["connecting", "closing", "closed"]);
    expect(errors).toEqual([]);
  });

  it("stops a refused connection's grace", async () => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock });
    const connecting = channel.connect();
    await connections(fake, 1);
    await until("the grace", () => clock.waits.length === 1);
    await channel.close();
    await expect(connecting).rejects.toThrow(ChannelConnectionError);
    clock.advance(60_000);
    expect(channel.state).toBe("closed");
  });

  it("stops waiting for the next attempt", async () => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock, autoReconnect: true });
    const connecting = channel.connect();
    await until("the handshake", () => clock.waits.length === 1);
    clock.advance(50);
    await connecting;
    fake.cut();
    await until("the cut", () => channel.state === "connecting");
    await channel.close();
    clock.advance(60_000);
    expect(channel.state).toBe("closed");
    expect(fake.connections).toHaveLength(1);
  });

  it("is waited for by a connect that comes meanwhile", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const closing = channel.close();
    await channel.connect();
    await closing;
    expect(channel.state).toBe("open");
    expect(fake.connections).toHaveLength(2);
  });
});
