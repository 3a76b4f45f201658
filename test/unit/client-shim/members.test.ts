import { describe, expect, it } from "vitest";
import * as client from "../../../client-shim/index.ts";
import { openChannel } from "./fake-server.ts";

const { Channel, ChannelConnectionError, ChannelError, ChannelMessageError, ChannelState } = client;

describe("the room client's module", () => {
  it("exports the class, its states and its errors", () => {
    expect(new Set(Object.keys(client))).toEqual(
      new Set([
        "Channel",
        "ChannelConnectionError",
        "ChannelError",
        "ChannelMessageError",
        "ChannelState",
      ]),
    );
    expect(ChannelState).toEqual({
      CONNECTING: "connecting",
      OPEN: "open",
      CLOSING: "closing",
      CLOSED: "closed",
    });
  });

  it("has errors that tell what they are", () => {
    const cause = new Error("why");
    for (const Kind of [ChannelConnectionError, ChannelMessageError]) {
      const error = new Kind("queue_full", "r", undefined, cause);
      expect(error).toBeInstanceOf(ChannelError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message: "queue full", code: "queue_full", room: "r", cause });
      expect(error.name).toBe(
        Kind === ChannelMessageError ? "ChannelMessageError" : "ChannelConnectionError",
      );
    }
  });
});

describe("a Channel", () => {
  it("has the document's settings by default", () => {
    const channel = new Channel("ws://127.0.0.1:1/ws");
    expect(channel).toMatchObject({
      url: "ws://127.0.0.1:1/ws",
      protocols: undefined,
      auto_reconnect: false,
      reconnect_delay: 1,
      max_reconnect_attempts: null,
      max_queued: 1000,
      join_timeout_ms: 10_000,
      state: "closed",
      ready_state: 3,
    });
    expect(channel).toBeInstanceOf(Channel);
  });

  const given = { auto_reconnect: true, reconnect_delay: 2, max_reconnect_attempts: 5 };
  it.each([
    ["the document's order", new Channel("ws://x", ["a"], true, 2, 5)],
    ["options in snake case", new Channel("ws://x", { protocols: ["a"], ...given })],
    [
      "options in camel case",
      new Channel("ws://x", {
        protocols: ["a"],
        autoReconnect: true,
        reconnectDelay: 2,
        maxReconnectAttempts: 5,
      }),
    ],
  ])("takes its settings in %s", (_what, channel) => {
    expect(channel).toMatchObject({ protocols: ["a"], ...given });
  });

  it("takes undefined and null for the default", () => {
    const channel = new Channel("ws://x", { autoReconnect: undefined, reconnect_delay: undefined });
    expect(channel).toMatchObject({ auto_reconnect: false, reconnect_delay: 1 });
    expect(new Channel("ws://x", null, true)).toMatchObject({ auto_reconnect: true });
  });

  it("has every member of the document, and its twin in camel case", () => {
    const channel = openChannel("ws://127.0.0.1:1");
    const names = [
      ...["connect", "close", "send", "send_to", "join", "leave", "push"],
      ...["is_in_room", "get_rooms", "on_open", "on_message", "on_error", "on_close"],
      ...["on_room_message", "remove_handler", "remove_room_handler", "clear_handlers"],
      ...["clear_room_handlers", "state_signal", "ready_state_signal"],
    ];
    const members = channel as unknown as Record<string, unknown>;
    for (const name of names) {
      const twin = name.replaceAll(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
      expect(members[name], name).toBeTypeOf("function");
      expect(members[twin], twin).toBe(members[name]);
    }
    expect([channel.readyState, channel.isConnected, channel.isConnecting]).toEqual([
      channel.ready_state,
      channel.is_connected,
      channel.is_connecting,
    ]);
  });

  it("can be extended", () => {
    class Named extends Channel {
      readonly label = "mine";
    }
    const named = new Named("ws://127.0.0.1:1", { autoReconnect: true });
    expect([named.label, named.auto_reconnect, named.state]).toEqual(["mine", true, "closed"]);
    expect(named).toBeInstanceOf(Channel);
  });
});
