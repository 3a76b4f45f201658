import { describe, expect, it, vi } from "vitest";
import { ChannelError } from "../../../client-shim/index.ts";
import { until } from "../../support/until.ts";
import { connectTo, errorsOf, openChannel, startFake } from "./fake-server.ts";

describe("message handlers", () => {
  it("hear a message in their order, those of its room first, and know where it is from", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: unknown[] = [];
    channel.on_message((message, meta) => heard.push(["all", message, meta]));
    channel.on_room_message("r", (message, meta) => heard.push(["room 1", message, meta]));
    channel.on_room_message("r", (message, meta) => heard.push(["room 2", message, meta]));
    channel.on_room_message("other", () => heard.push("never"));
    fake.last.send({ n: 1, _event: "typing", _room: "r" });
    await until("all three", () => heard.length === 3);
    const meta = { room: "r", event: "typing" };
    expect(heard).toEqual([
      ["room 1", { n: 1 }, meta],
      ["room 2", { n: 1 }, meta],
      ["all", { n: 1 }, meta],
    ]);
  });

  it("get values unwrapped, text that is no JSON as it is, and bytes as a Uint8Array", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: unknown[] = [];
    channel.on_message((message, { room }) => heard.push([room, message]));
    for (const frame of ["no JSON", "12", "null", "[1]", '{"a":1}']) fake.last.send(frame);
    fake.last.send(Buffer.from([1, 2]));
    fake.last.send(Buffer.from('{"_room":"r"}\n\u0003'));
    fake.last.send({ data: [1], _room: "r" });
    await until("all", () => heard.length === 8);
    expect(heard).toEqual([
      [undefined, "no JSON"],
      [undefined, 12],
      [undefined, null],
      [undefined, [1]],
      [undefined, { a: 1 }],
      [undefined, new Uint8Array([1, 2])],
      ["r", new Uint8Array([3])],
      ["r", { data: [1] }],
    ]);
  });

  it("may add and remove handlers while they run", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: string[] = [];
    const once = channel.on_message(() => {
      heard.push("once");
      channel.remove_handler(once);
      channel.on_message(() => heard.push("added"));
    });
    channel.on_message(() => heard.push("always"));
    fake.last.send({});
    await until("the first", () => heard.length === 2);
    fake.last.send({});
    await until("the second", () => heard.length === 4);
    expect(heard).toEqual(["once", "always", "always", "added"]);
  });

  it("that fail, at once or later, keep nobody from hearing, and the error handlers hear why", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    const heard: unknown[] = [];
    const cause = new RangeError("boom");
    channel.on_room_message("r", () => {
      throw cause;
    });
    channel.on_message(async () => {
      await Promise.resolve();
      throw "later";
    });
    channel.on_message((message) => heard.push(message));
    fake.last.send({ n: 1, _room: "r" });
    await until("both", () => errors.length === 2);
    expect(heard).toEqual([{ n: 1 }]);
    expect(errors[0]).toBeInstanceOf(ChannelError);
    expect(errors).toMatchObject([
      { name: "ChannelError", code: "handler_failed", message: "RangeError: boom", cause },
      { code: "handler_failed", message: "later", cause: "later" },
    ]);
  });
});

describe("error handlers", () => {
  it("are not needed: the console hears instead", async () => {
    const spy = vi.spyOn(console, "error").mockImplementation(() => {});
    const fake = await startFake();
    const channel = await connectTo(fake);
    channel.on_message(() => {
      throw new Error("boom");
    });
    fake.last.send({});
    await until("the console to hear", () => spy.mock.calls.length === 1);
    const error: unknown = spy.mock.calls[0]?.[0];
    spy.mockRestore();
    expect(error).toMatchObject({ code: "handler_failed" });
  });

  it("that fail themselves are told to the console, once", async () => {
    const spy = vi.spyOn(console, "error").mockImplementation(() => {});
    const fake = await startFake();
    const channel = await connectTo(fake);
    const cause = new Error("in on_error");
    channel.on_error(async () => {
      throw cause;
    });
    const errors = errorsOf(channel);
    fake.last.send({ type: "_error", code: "c", reason: "r" });
    await until("both to hear", () => spy.mock.calls.length === 1 && errors.length === 1);
    const calls = [...spy.mock.calls];
    spy.mockRestore();
    expect(calls).toEqual([[cause]]);
  });
});

describe("handlers", () => {
  it("of opens and closes get the event", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    const events: unknown[] = [];
    channel.on_open((event) => events.push(event));
    channel.on_close((event) => events.push(event));
    await channel.connect();
    fake.last.socket.close(1012, "restart");
    await until("both", () => events.length === 2);
    expect(events).toMatchObject([
      { type: "open" },
      { type: "close", code: 1012, reason: "restart", wasClean: true },
    ]);
  });

  it("are handed back, and removed once for each time that they were added", async () => {
    const channel = openChannel("ws://127.0.0.1:1");
    const handler = (): void => {};
    expect(channel.on_open(handler)).toBe(handler);
    expect(channel.on_error(handler)).toBe(handler);
    expect(channel.on_close(handler)).toBe(handler);
    expect(channel.on_message(handler)).toBe(handler);
    expect(channel.on_message(handler)).toBe(handler);
    expect(channel.on_room_message("r", handler)).toBe(handler);
    expect(channel.remove_handler(handler)).toBe(true);
    expect(channel.remove_handler(handler)).toBe(true);
    expect(channel.remove_handler(handler)).toBe(false);
    expect(channel.remove_room_handler("x", handler)).toBe(false);
    expect(channel.remove_room_handler("r", handler)).toBe(true);
    expect(channel.remove_room_handler("r", handler)).toBe(false);
  });

  it("are cleared by room, for all rooms, and altogether; signals go on", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: unknown[] = [];
    const states: string[] = [];
    const stop = channel.state_signal.subscribe((state) => states.push(state));
    const listen = (): void => {
      for (const room of ["", "a", "a/b"]) {
        channel.on_room_message(room, () => heard.push(room));
      }
      channel.on_message(() => heard.push("all"));
    };
    const say = async (count: number): Promise<unknown[]> => {
      for (const _room of ["a", "a/b"]) fake.last.send({ _room });
      await until("to hear", () => heard.length === count);
      return heard.splice(0);
    };
    listen();
    expect(await say(4)).toEqual(["a", "all", "a/b", "all"]);
    channel.clear_room_handlers("a");
    expect(await say(3)).toEqual(["all", "a/b", "all"]);
    channel.clear_room_handlers();
    expect(await say(2)).toEqual(["all", "all"]);
    listen();
    channel.clear_handlers();
    channel.on_message(() => heard.push("new"));
    expect(await say(2)).toEqual(["new", "new"]);
    await channel.close();
    expect(states).toEqual(["closing", "closed"]);
    stop();
    await channel.connect();
    expect(states).toHaveLength(2);
  });
});
