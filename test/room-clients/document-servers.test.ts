import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { example, unusedExamples } from "./document-examples.ts";
import { Member, startEcho, startRecorder } from "./document-member.ts";
import { PagePlace, type Place, ProgramPlace } from "./document-places.ts";
import { at, Scene } from "./document-scene.ts";
import { runPython, startPython } from "./python-process.ts";

const TESTING = "testing-with-public-websocket-servers";
const PROTOCOL = "server-side-protocol";

/** Runs a server of the document's on a free port; it ends with the test. */
async function startDocumentServer(heading: string): Promise<string> {
  const port = await freePort();
  const program = startPython(["-c", example(TESTING, heading).replaceAll("8765", String(port))]);
  onTestFinished(() => void program.kill("SIGKILL"));
  await until("the document's server", () => {
    const socket = connect(port, "localhost");
    return new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    }).finally(() => socket.destroy());
  });
  return `ws://localhost:${port}`;
}

function indented(code: string): string {
  return code.replaceAll(/^/gm, "    ");
}

describe("the document's quick test", () => {
  it("is a program that prints its echoes", async () => {
    const code = at(await startEcho(), example(TESTING, "Quick Test Example"));
    const register = "import commonroom\ncommonroom.register_metafor_channels()";
    expect(await runPython(["-c", `${register}\n${code}`])).toBe(
      [
        "Connected!",
        "Received: Hello, World!",
        "Received: {'type': 'test', 'data': 'JSON message'}",
        "",
      ].join("\n"),
    );
  });
});

describe.each<Place>([new PagePlace(), new ProgramPlace()])(
  "the document's servers, with its client $name",
  (place) => {
    beforeAll(() => place.start(), 60_000);
    afterAll(() => place.stop());

    it("testing: against echo servers", async () => {
      const scene = await Scene.begin(place);
      const url = await startEcho();
      const section = "testing-with-public-websocket-servers";
      await scene.python("from metafor.channels import Channel");
      await scene.run(url, section, "Echo Test Servers");
      await scene.printed("Echo: Hello, World!");
      for (const index of [0, 1]) {
        await scene.run(url, section, "WebSocket Test Servers", index);
        await scene.python(`
channel.on_message(lambda message: print("${index}", message))
await channel.connect()
await channel.send({"n": 1})`);
        await scene.printed(`${index} {'n': 1}`);
        await scene.python("await channel.close()");
      }
      // The third one speaks another protocol; only that it can be made is to be seen.
      await scene.run(url, section, "WebSocket Test Servers", 2);
      await scene.python('assert channel.state.value == "closed"');
    });

    // In a page the loop runs already; there the document's program has no meaning.
    const programs = place.runsLoops ? ["the quick test"] : [];
    it.each(programs)("testing: %s prints the echoes", async () => {
      const scene = await Scene.begin(place);
      const url = await startEcho();
      await scene.run(url, "testing-with-public-websocket-servers", "Quick Test Example");
      await scene.printed("Received: {'type': 'test', 'data': 'JSON message'}");
      await scene.until("True");
      expect(await scene.lines()).toEqual([
        "Connected!",
        "Received: Hello, World!",
        "Received: {'type': 'test', 'data': 'JSON message'}",
      ]);
    });

    it("testing: the document's echo server is heard", async () => {
      const scene = await Scene.begin(place);
      const url = await startDocumentServer("Local Testing");
      await scene.python("from metafor.channels import Channel");
      await scene.run(url, TESTING, "Local Testing", 1);
      await scene.python(`
channel.on_message(print)
await channel.connect()
await channel.send("hello")`);
      await scene.printed("Echo: hello");
    });

    it("testing: the document's room server takes joins, messages and leaves", async () => {
      const scene = await Scene.begin(place);
      const url = await startDocumentServer("Testing Room Support");
      await scene.connect(url, "r");
      await scene.python('channel.on_room_message("r", lambda message: print("r", message))');
      const member = await Member.join(url, "r");
      await scene.python('await channel.send_to("r", {"from": "Python"})');
      expect(await member.hears(1)).toEqual([{ from: "Python", _room: "r" }]);
      member.say({ _room: "r", to: "Python" });
      await scene.printed("r {'to': 'Python'}");
      await scene.python('await channel.leave("r")\nassert channel.get_rooms() == []');
      member.say({ _room: "r", to: "nobody" });
      await scene.python('channel.on_message(print)\nawait channel.send({"n": 1})');
      await scene.printed("{'echo': {'n': 1}}");
      expect(await scene.lines()).not.toContain("{'to': 'nobody'}");
    });

    it("server-side protocol: what the client sends is what the pseudocode reads", async () => {
      const scene = await Scene.begin(place);
      const { url, frames } = await startRecorder();
      await scene.connect(url, "r");
      await scene.python(`
await channel.send_to("r", {"n": 1})
await channel.send({"n": 2})
await channel.leave("r")`);
      await scene.python(`
import json
done, websocket = [], None
def add_client_to_room(websocket, room): done.append(["add", room])
def remove_client_from_room(websocket, room): done.append(["remove", room])
def broadcast_to_room(room, message): done.append(["room", room, message])
def broadcast_to_all(message): done.append(["all", message])
def manage(message):
${indented(example(PROTOCOL, "Server Implementation", 0))}
def route(message):
${indented(example(PROTOCOL, "Server Implementation", 1))}
for frame in json.loads(${JSON.stringify(JSON.stringify(frames))}):
    message = json.loads(frame)
    manage(message) if "type" in message else route(message)
assert done == [["add", "r"], ["room", "r", {"n": 1, "_room": "r"}], ["all", {"n": 2}],
                ["remove", "r"]], done`);
    });

    it("all were run", () => {
      expect(unusedExamples([TESTING, PROTOCOL])).toEqual([]);
    });
  },
);
