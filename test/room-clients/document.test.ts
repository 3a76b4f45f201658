import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import {
  example,
  examplesOf,
  readDocument,
  scriptOf,
  sectionNames,
  unusedExamples,
} from "./document-examples.ts";
import { Member, startEcho } from "./document-member.ts";
import { PagePlace, type Place, ProgramPlace } from "./document-places.ts";
import { at, meet, Scene } from "./document-scene.ts";

const documentPath = process.env["CHANNELS_DOCUMENT"] ?? "../shared/originals/metafor-channels.md";
const COMPONENTS = "using-in-components";
/** Run in a test of their own. */
const ABOUT_SERVERS = ["server-side-protocol", "testing-with-public-websocket-servers"];

describe("the document's examples", () => {
  it.skipIf(!existsSync(documentPath))("are the document's, all of them, as printed", () => {
    const document = readDocument(readFileSync(documentPath, "utf8"));
    const kept = new Map(sectionNames.map((name) => [name, examplesOf(name)]));
    expect(kept).toEqual(new Map([...document].sort()));
  });
});

describe.each<Place>([new PagePlace(), new ProgramPlace()])(
  "the document's examples $name",
  (place) => {
    beforeAll(() => place.start(), 60_000);
    afterAll(() => place.stop());

    it("basic usage: connects, sends to all, hears and closes", async () => {
      const scene = await Scene.begin(place);
      const { url, member, server } = await meet();
      const section = "basic-usage";
      await scene.run(url, section, "Creating a Channel");
      await scene.python(`
assert (channel.auto_reconnect, channel.reconnect_delay) == (True, 2.0)
assert channel.max_reconnect_attempts == 5`);
      if (place.runsLoops) await scene.run(url, section, "Connecting");
      else await scene.python('await channel.connect()\nprint("Connected!")');
      await scene.printed("Connected!");
      await scene.run(url, section, "Sending Messages");
      const [first, second, third] = await member.hears(3);
      expect(first).toMatchObject({ type: "message", text: "Hello" });
      expect(second).toMatchObject({ data: "Hello, World!" });
      expect(third).toMatchObject({ event: "message", bytes: 11 });
      await scene.run(url, section, "Receiving Messages");
      member.say({ number: 7 });
      await scene.printed("Received: {'number': 7}");
      await scene.run(url, section, "Closing Connection");
      await until("the close", () => server.commonroom.status().connections === 1);
      await scene.python('assert channel.state.value == "closed"');
    });

    it("connection management: tells where the connection stands", async () => {
      const scene = await Scene.begin(place);
      const { url } = await meet();
      await scene.connect(url);
      await scene.run(url, "connection-management", "Connection States");
      await scene.run(url, "connection-management", "State Properties");
      await scene.python("print(ready_state)");
      expect(await scene.lines()).toEqual([
        "Connected",
        "Current state: ChannelState.OPEN",
        "Channel is connected",
        "1",
      ]);
      // Nothing answers there, so that it stays connecting for as long as it is looked at.
      const proxy = await TcpProxy.start(Number(new URL(url).port));
      proxy.swallow();
      await scene.python(`
channel = Channel("${url.replace(new URL(url).port, String(proxy.port))}")
connecting = asyncio.ensure_future(channel.connect())
await asyncio.sleep(0)`);
      await scene.run(url, "connection-management", "State Properties");
      await scene.printed("Channel is connecting");
      await scene.python(`
await channel.close()
await asyncio.gather(connecting, return_exceptions=True)`);
    });

    it("sending messages: without a room to all, with one to its members", async () => {
      const scene = await Scene.begin(place);
      const { url, member } = await meet("chat-room");
      await scene.connect(url, "chat-room");
      await scene.run(url, "sending-messages", "Basic Sending");
      const [first, second] = await member.hears(3);
      expect([first, second]).toEqual([{ text: "Hello" }, { data: "Hello, World!" }]);
      await scene.run(url, "sending-messages", "Sending to Rooms");
      const frame = { text: "Hello", _room: "chat-room" };
      expect(await member.hears(2)).toEqual([frame, frame]);
    });

    it("receiving messages: JSON as values, other text as text, and removed handlers not", async () => {
      const scene = await Scene.begin(place);
      const url = await startEcho();
      await scene.connect(url);
      await scene.run(url, "receiving-messages", "General Message Handler");
      await scene.python('await channel.send({"text": None})\nawait channel.send("no JSON")');
      await scene.printed("Received JSON: {'text': None}");
      await scene.printed("Received: no JSON");
      await scene.python("channel.clear_handlers()");
      await scene.run(url, "receiving-messages", "Multiple Handlers");
      await scene.run(url, "receiving-messages", "Removing Handlers");
      await scene.python('await channel.send("twice")');
      await scene.printed("Handler 2: twice");
      expect((await scene.lines()).slice(-2)).toEqual(["Handler 1: twice", "Handler 2: twice"]);
    });

    it("rooms and topics: joins, tells, sends, hears and leaves", async () => {
      const scene = await Scene.begin(place);
      const { url, member } = await meet("chat-room-1", "notifications");
      const section = "rooms-and-topics";
      await scene.connect(url);
      await scene.run(url, section, "Joining Rooms");
      await scene.run(url, section, "Checking Room Membership");
      await scene.printed("In chat-room-1");
      await scene.printed("Joined rooms: ['chat-room-1', 'notifications']");
      await scene.run(url, section, "Sending to Rooms");
      expect(await member.hears(2)).toEqual([
        { text: "Hello room!", _room: "chat-room-1" },
        { text: "Hello", _room: "chat-room-1" },
      ]);
      await scene.run(url, section, "Room-Specific Handlers");
      member.say({ n: 1, _room: "chat-room-1" });
      member.say({ n: 2, _room: "notifications" });
      await scene.printed("Chat: {'n': 1}");
      await scene.printed("Notification: {'n': 2}");
      await scene.run(url, section, "Leaving Rooms");
      await scene.run(url, section, "Checking Room Membership");
      await scene.printed("Joined rooms: ['notifications']");
      member.say({ n: 3, _room: "chat-room-1" });
      member.say({ n: 4, _room: "notifications" });
      await scene.printed("Notification: {'n': 4}");
      expect(await scene.lines()).not.toContain("Chat: {'n': 3}");
    });

    it("event handlers: open, close, error and message, until they are cleared", async () => {
      const scene = await Scene.begin(place);
      const { url, member } = await meet("room-name");
      const section = "event-handlers";
      await scene.python(`from metafor.channels import Channel\nchannel = Channel("${url}")`);
      await scene.run(url, section, "Connection Events");
      await scene.run(url, section, "Message Events");
      await scene.python('await channel.connect()\nawait channel.join("room-name")');
      await scene.printed("Connected!");
      await scene.python('await channel.send_to("not-joined", {})');
      await scene.printed("Error: unmatched topic");
      member.say({ n: 1, _room: "room-name" });
      await scene.printed("Message: {'n': 1}");
      expect((await scene.lines()).slice(-2)).toEqual([
        "Room message: {'n': 1}",
        "Message: {'n': 1}",
      ]);
      await scene.python('my_handler = lambda message: print("mine")');
      await scene.run(url, section, "Handler Management");
      await scene.python(`
assert handler is my_handler
channel.on_message(lambda message: print("only this"))`);
      member.say({ n: 2, _room: "room-name" });
      await scene.printed("only this");
      await scene.python('channel.on_close(lambda: print("Disconnected!"))\nawait channel.close()');
      expect((await scene.lines()).slice(-2)).toEqual(["only this", "Disconnected!"]);
    });

    it("using in components: a component sends what is typed and keeps what it hears", async () => {
      const scene = await Scene.begin(place);
      const { url, member } = await meet();
      await scene.python(at(url, scriptOf(example(COMPONENTS, "Basic Component Example"))));
      await scene.mount();
      await scene.python(`set_input_text("typed")\nawait send()\nassert input_text() == ""`);
      expect(await member.hears(1)).toEqual([{ text: "typed" }]);
      member.say({ text: "heard" });
      await scene.until(`messages() == ["{'text': 'heard'}"]`);
      await scene.dispose();
    });

    it("using in components: a component changes rooms", async () => {
      const scene = await Scene.begin(place);
      const { url, member } = await meet("general", "tech");
      await scene.python(at(url, scriptOf(example(COMPONENTS, "Component with Rooms"))));
      await scene.mount();
      await scene.python(`set_input_text("to general")\nawait send()`);
      member.say({ text: "heard", _room: "general" });
      await scene.until(`messages() == [{"room": "general", "text": "heard"}]`);
      await scene.python(`
await switch_room("tech")
assert messages() == [] and channel.get_rooms() == ["tech"]
set_input_text("to tech")
await send()`);
      expect(await member.hears(2)).toEqual([
        { text: "to general", _room: "general" },
        { text: "to tech", _room: "tech" },
      ]);
      member.say({ text: "in general", _room: "general" });
      member.say({ text: "in tech", _room: "tech" });
      await scene.until(`messages() == [{"room": "tech", "text": "in tech"}]`);
      await scene.dispose();
    });

    it("error handling: tells connection errors from message errors", async () => {
      const scene = await Scene.begin(place);
      await scene.python(`
from metafor.channels import Channel
channel = Channel("ws://127.0.0.1:9/ws")`);
      await scene.run("", "error-handling", "Error Handler");
      await scene.run("", "error-handling", "Try-Catch for Operations");
      const lines = await scene.lines();
      expect(lines).toHaveLength(3);
      expect(lines[0]).toMatch(/^Connection error: ./);
      expect(lines[1]).toMatch(/^Failed to connect: ./);
      expect(lines[2]).toBe("Failed to send: WebSocket is not open. Current state: CLOSED");
      const { url } = await meet();
      await scene.python(`
channel.url = "${url}"
await channel.connect()
await channel.send_to("not-joined", {})`);
      await scene.printed("Message error: unmatched topic");
    });

    it("auto-reconnect: comes back, rejoins and sends what waited", async () => {
      const scene = await Scene.begin(place);
      const { url, server } = await meet();
      await scene.python("from metafor.channels import Channel");
      await scene.run(url, "auto-reconnect", "Configuration");
      await scene.python('await channel.connect()\nawait channel.join("room")');
      await server.commonroom.close();
      await scene.until("not channel.is_connected");
      await scene.python('await channel.send_to("room", {"sent": "while away"})');
      await startServer({ port: server.port });
      const member = await Member.join(url, "room");
      expect(await member.hears(1)).toEqual([{ sent: "while away", _room: "room" }]);
    });

    it("auto-reconnect: by hand, as long as the server is away", async () => {
      const scene = await Scene.begin(place);
      const { url, server } = await meet();
      await scene.python("import asyncio\nfrom metafor.channels import Channel");
      await scene.run(url, "auto-reconnect", "Manual Reconnection");
      await scene.python("await channel.connect()");
      server.commonroom.io.disconnectSockets(true);
      await scene.until("not channel.is_connected");
      await scene.until('channel.is_connected and channel.get_rooms() == ["room1", "room2"]');
      const member = await Member.join(url, "room2");
      await scene.python('await channel.send_to("room2", {"back": True})');
      expect(await member.hears(1)).toEqual([{ back: true, _room: "room2" }]);
    });

    it("best practices: run as printed", async () => {
      const scene = await Scene.begin(place);
      const { url, member, server } = await meet("room1", "room2");
      const section = "best-practices";
      await scene.python(`
import asyncio
from metafor.channels import Channel, ChannelMessageError
from metafor.core import create_signal, on_mount, on_dispose
url = "${url}"
shown = []
show_error_to_user = shown.append
class console:
    error = print`);
      await scene.run(url, section, "2. Use Auto-Reconnect for Production");
      await scene.run(url, section, "1. Always Clean Up");
      await scene.python(
        example(section, "3. Handle Connection State in UI").split("# In template")[0] ?? "",
      );
      await scene.run(url, section, "6. Rejoin Rooms After Reconnect");
      await scene.run(url, section, "4. Queue Messages When Disconnected");
      await scene.python('await safe_send({"n": 1})');
      await scene.printed("Not connected, message not sent");
      await scene.mount();
      await scene.until('is_connected() and channel.get_rooms() == ["room1", "room2"]');
      await scene.python('await safe_send({"n": 1})');
      expect(await member.hears(1)).toEqual([{ n: 1 }]);

      await scene.python("message = {1, 2}");
      await scene.run(url, section, "7. Handle Errors Gracefully");
      await scene.python('assert shown == ["Failed to send message"]');
      await scene.python('await channel.send_to("not-joined", {})');
      await scene.printed("Channel error: unmatched topic");
      await scene.dispose();
      await scene.until("not is_connected()");
      await until("the close", () => server.commonroom.status().connections === 1);
    });

    it("API reference: the constructor takes what it says, in that order", async () => {
      const scene = await Scene.begin(place);
      const signature = example("api-reference", "Channel Class").replace(
        "Channel(",
        "def printed(",
      );
      await scene.python(`
import inspect
from typing import List, Optional
from metafor.channels import Channel
${signature}: pass
def shape(function):
    parameters = list(inspect.signature(function).parameters.values())
    return [(each.name, each.kind, each.default) for each in parameters]
assert shape(Channel)[:5] == shape(printed), shape(Channel)
assert all(each[1] is inspect.Parameter.KEYWORD_ONLY for each in shape(Channel)[5:])`);
    });

    it("all were run", () => {
      expect(unusedExamples(sectionNames.filter((name) => !ABOUT_SERVERS.includes(name)))).toEqual(
        [],
      );
    });
  },
);
