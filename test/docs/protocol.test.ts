import { describe, expect, it } from "vitest";
import {
  ColoniesClient,
  type Process,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { type CanSee, closes, type ResolveUser, refusals } from "../../server/index.ts";
import { loadSettings } from "../../server/settings.ts";
import { eventsPath, followEvents } from "../support/event-stream.ts";
import { joinPlain } from "../support/plain-client.ts";
import { relayHeader } from "../support/relay-header.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import vectors from "../vectors/colonies.json" with { type: "json" };
import { playBinaryFrames } from "./binary-frames.ts";
import { type BlockTest, testEachBlock } from "./block-tests.ts";
import { brokenLinks, tableRows, textOf } from "./page-text.ts";
import { connectWireEnd } from "./wire-ends.ts";
import { compact, matches, play } from "./wire-example.ts";

const PAGE = "PROTOCOL.md";

const isPresence = (frame: string): boolean => frame.includes('"presence_diff"');

const blocks: ReadonlyMap<string, BlockTest> = new Map<string, BlockTest>([
  [
    "Presence: text",
    async ({ text }) => {
      const server = await startServer();
      const native = await connectSocketIo(server.url);
      const heard = new Map<string, string>();
      native.onAny((event: string, payload: unknown) => {
        heard.set(event, JSON.stringify(payload));
      });
      await ask(native, "join", "lobby", { meta: { name: "Ann" } });
      for (const line of text.split("\n")) {
        const [event = ""] = line.split(" ");
        const shape = compact(line.slice(event.length))
          .replaceAll(/<key>|…meta/g, "…")
          .replaceAll('"R"', '"…"');
        const came = await until(event, () => heard.get(event));
        expect([came, matches(shape, came)]).toEqual([came, true]);
      }
    },
  ],
  [
    "Logs: text",
    async ({ text }) => {
      const server = await startServer({ rooms: [{ match: "log:*", log: {} }] });
      const sender = await connectSocketIo(server.url);
      await ask(sender, "join", "log:a", {});
      for (let n = 1; n <= 43; n += 1) await ask(sender, "push", "log:a", "said", { n });
      const [join = "", reply = "", messages = "", presence = ""] = text.split("\n");
      const params = /^-> join\(log:a, (.*)\)$/.exec(join)?.[1] ?? "";
      const native = await connectSocketIo(server.url);
      const { response } = await ask(native, "join", "log:a", {});
      const { epoch } = response as { epoch: string };
      const left = new Promise((resolve) => native.once("phx_close", resolve));
      await ask(native, "leave", "log:a");
      await left;
      const heard: unknown[] = [];
      native.onAny((event: string, _payload: unknown, meta: { offset?: number }) => {
        heard.push(meta.offset ?? event);
      });
      const said = JSON.parse(params.replace("Zk3…", epoch)) as object;
      const came = JSON.stringify(await ask(native, "join", "log:a", said));
      expect([came, matches(compact(reply.slice(3)), came)]).toEqual([came, true]);
      const offsets = [...messages.matchAll(/\d+/g)].map(Number);
      await until("presence", () => heard.includes("presence_state"));
      expect(heard.slice(0, 3)).toEqual([...offsets, presence.slice(3)]);
      await ask(sender, "push", "log:a", "said", {});
      await until("what is new", () => heard.includes(44));
    },
  ],
  [
    "Phoenix: text",
    async (block) => {
      const server = await startServer({ auth: { jwtSecret: secret } });
      const wire = await connectWireEnd(`${server.wsUrl}/socket/websocket?vsn=2.0.0`);
      await play(block, wire, {
        instead: { '"token":"…"': `"token":"${tokenFor("room:*")}"` },
        cues: {
          '[null,null,"room:a","shout",{"text":"hello"}]': () =>
            server.commonroom.io.to("room:a").emit("shout", { text: "hello" }),
        },
        leavesOut: isPresence,
      });
    },
  ],
  ["Phoenix: text 2", playBinaryFrames],
  [
    "Phoenix: text 3",
    async (block) => {
      const server = await startServer({ rooms: [{ match: "*", presence: false }] });
      const { io } = server.commonroom;
      const wire = await connectWireEnd(`${server.wsUrl}/socket/websocket?vsn=1.0.0`);
      await play(block, wire, {
        cues: {
          '{"topic":"room:a","event":"shout","payload":{"text":"hello"},"ref":null}': () =>
            io.to("room:a").emit("shout", { text: "hello" }),
          '{"topic":"room:a","event":"phx_close","payload":{},"ref":"3"}': () =>
            io.in("room:a").socketsLeave("room:a"),
        },
      });
    },
  ],
  [
    "Plain: text",
    async (block) => {
      const server = await startServer();
      const lobby = server.commonroom.io.to("lobby");
      const wire = await connectWireEnd(`${server.wsUrl}/ws`);
      await play(block, wire, {
        cues: {
          '{"text":"hello","_room":"lobby"}': () => lobby.emit("message", { text: "hello" }),
          '{"user":"ann","_event":"typing","_room":"lobby"}': () =>
            lobby.emit("typing", { user: "ann" }),
          '{"data":[1,2],"_room":"lobby"}': () => lobby.emit("message", [1, 2]),
        },
      });
      // The last line is a leave, which is not answered.
      const { rooms } = server.commonroom.io.of("/").adapter;
      await until("it to have left", () => !rooms.has("lobby"));
      expect(wire.frames).toEqual([]);
    },
  ],
  [
    "Tower: text",
    async (block) => {
      const resolveUser: ResolveUser = () => ({ id: 1, byCookie: true });
      const canSee: CanSee = (_user, _group, id) => Number(id) === 42;
      const server = await startServer({}, { resolveUser, canSee });
      const cookie = "csrftoken=TOK; sessionid=ann";
      const wire = await connectWireEnd(`${server.wsUrl}/websocket/`, { cookie });
      const event = '{"unified_job_id": 42, "status": "running", "group_name": "jobs"}';
      await play(block, wire, {
        cues: { [event]: () => publish(server.url, "jobs-status_changed", event) },
      });
    },
  ],
  [
    "Task nodes: text",
    async (block) => {
      const server = await startServer({ tower: { relaySecret: secret } });
      const header = relayHeader(secret, String(Math.floor(Date.now() / 1000)));
      const relay = await connectWireEnd(`${server.wsUrl}/websocket/relay/`, { secret: header });
      const client = await connectWireEnd(`${server.wsUrl}/websocket/`);
      const [subscribe = "", unsubscribe = ""] = block.text
        .split("\n")
        .map((line) => line.slice(3));
      const askFor = (groups: object) => client.send(JSON.stringify({ groups }));
      await play(block, relay, {
        cues: {
          [subscribe]: () => askFor({ jobs: ["status_changed"] }),
          [unsubscribe]: () => askFor({}),
        },
      });
      client.frames.length = 0;
      askFor({ jobs: ["status_changed"] });
      const isIn = (frame: string) => frame.includes('"groups_joined": ["jobs-status_changed"]');
      await until("to be in again", () => client.frames.some(isIn));
      relay.send(block.text.split("\n").at(-1)?.slice(3) ?? "");
      await until("what was relayed", () => client.frames.includes('{"unified_job_id": 42}'));
    },
  ],
  [
    "ColonyOS: toml",
    async ({ text }) => {
      const flags = new Map([["config", "commonroom.toml"]]);
      const loaded = loadSettings({ flags, environment: {}, readFile: () => text });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded));
      expect(loaded.options.colonies?.port).toBe(50_080);
      const colonies = { ...loaded.options.colonies, port: 0 };
      const server = await startServer({ ...loaded.options, colonies });
      const clientOf = (privateKey: string): ColoniesClient => {
        const client = new ColoniesClient({ host: "127.0.0.1", port: server.port });
        client.setPrivateKey(privateKey);
        return client;
      };
      const { user, executor, colony } = vectors.identities;
      const conditions = { colonyname: "my-colony", executortype: "chat-executor" };
      const submitted: Process = await clientOf(user.privateKey).submitFunctionSpec({
        funcname: "talk",
        conditions,
      });
      const worker = clientOf(executor.privateKey);
      const assigned = await worker.assign("my-colony", 1, executor.privateKey);
      expect(assigned.processid).toBe(submitted.processid);
      await clientOf(colony.privateKey).removeAllProcesses("my-colony");
    },
  ],
  [
    "Server-sent events: text",
    async ({ text }) => {
      const server = await startServer({ rooms: [{ match: "log:*", log: {} }] });
      const says = (n: number) => publish(server.url, "log:a", n === 42 ? '{"text":"hi"}' : "{}");
      for (let n = 1; n <= 42; n += 1) await says(n);
      const { parser } = await followEvents(server, "log:a");
      const [, epoch = ""] = parser.lastEventId.split("@");
      const [request = "", id = "", ...lines] = text.split("\n");
      expect(request).toBe(`-> GET ${decodeURIComponent(eventsPath("log:a"))}`);
      const [, lastId = ""] = /^-> Last-Event-ID: (.*)$/.exec(id) ?? [];
      const headers = { "last-event-id": lastId.replace("Zk3…", epoch) };
      const client = await followEvents(server, "log:a", { headers });
      await client.hears("message");
      const came = client.text.split("\n");
      for (const [index, line] of lines.entries()) {
        const documented = line.replace(/^<- ?/, "");
        expect([documented, came[index], matches(documented, came[index] ?? "")]).toEqual([
          documented,
          came[index],
          true,
        ]);
      }
    },
  ],
  [
    "Publishing: text",
    async (block) => {
      const server = await startServer();
      const members = [];
      for (let count = 0; count < 4; count += 1) members.push(await joinPlain(server, "chat:1"));
      const texts: string[] = [];
      for (const { webSocket } of members) {
        webSocket.on("message", (data: Buffer) => void texts.push(data.toString()));
      }
      const reply = members[0]?.received[0] as { response: { id: string } };
      const [connection = ""] = reply.response.id.split(":");
      const [sent = "", answer = ""] = block.text.split("\n").map((line) => line.slice(3));
      const body = sent.replace("K3x8Zq1b", connection);
      expect(body).not.toBe(sent);
      expect(await post(server.url, body)).toBe(compact(answer));
      await until("the others to hear", () => texts.length === 3);
      expect(new Set(texts)).toEqual(new Set(['{"n": 1.0,"_room":"chat:1"}']));
    },
  ],
  [
    "Reading a log: text",
    async ({ text }) => {
      const rooms = [{ match: "log:*", log: { size: 32 } }];
      const server = await startServer({ rooms });
      for (let n = 1; n <= 43; n += 1) await publish(server.url, "log:a", '{"n":1.0}');
      const read = await fetch(`${server.url}/rooms/log:a/log?after=41`);
      const came = await read.text();
      const documented = compact(text.slice(3)).replace(/"at":"[^"]+"/, '"at":"…"');
      expect([came, matches(documented, came)]).toEqual([came, true]);
      const at = /"at": ?"([^"]+)"/.exec(text)?.[1] ?? "";
      const form = (time: string) => time.replaceAll(/\d/g, "0");
      expect(form(/"at":"([^"]+)"/.exec(came)?.[1] ?? "")).toBe(form(at));
    },
  ],
]);

describe("PROTOCOL.md", { timeout: 20_000 }, () => {
  testEachBlock(PAGE, blocks);

  it("lists all refusals that there are, and no others, under Codes", () => {
    const listed = tableRows(PAGE, "| code | reason | next |");
    const known = Object.entries(refusals).map(([code, { reason, next }]) => [
      `\`${code}\``,
      reason,
      `\`${next}\``,
    ]);
    expect(new Set(listed.map(String))).toEqual(new Set(known.map(String)));
    expect(listed).toHaveLength(known.length);
  });

  it("lists all closes that there are, and no others, under Codes", () => {
    const listed = tableRows(PAGE, "| close | name | reason | next |");
    const known = Object.entries(closes).map(([name, { code, reason, next }]) => [
      String(code),
      `\`${name}\``,
      reason,
      `\`${next}\``,
    ]);
    expect(new Set(listed.map(String))).toEqual(new Set(known.map(String)));
    expect(listed).toHaveLength(known.length);
  });

  it("has no row with more or fewer cells than its table's head", () => {
    const misfits: string[] = [];
    let cells = 0;
    for (const line of textOf(PAGE).split("\n")) {
      const count = line.startsWith("|") ? line.replaceAll("\\|", "").split("|").length : 0;
      if (cells > 0 && count > 0 && count !== cells) misfits.push(line);
      cells = count;
    }
    expect(misfits).toEqual([]);
  });

  it("links to files and headings that there are", () => {
    expect(brokenLinks(PAGE)).toEqual([]);
  });
});

async function post(url: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${url}/publish`, { method: "POST", headers, body })).text();
}

/** Publishes a payload as the text that it is. */
function publish(url: string, room: string, payload: string): Promise<string> {
  return post(url, `{"room": ${JSON.stringify(room)}, "payload": ${payload}}`);
}
