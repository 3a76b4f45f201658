import { readFileSync } from "node:fs";
import { LongPoll } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel } from "../../client-shim/index.ts";
import {
  ColoniesClient,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { openEventSource } from "../support/event-source.ts";
import { eventsPath } from "../support/event-stream.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { openTower } from "../support/tower-client.ts";
import { until, within } from "../support/until.ts";

/** A client in a room with a log, which hears numbers. */
interface Listener {
  readonly heard: readonly number[];
  /** What an application has to do itself once the way is free again, if anything. */
  readonly comeBack?: () => Promise<void>;
  /** Where its room is not {@link ROOM}: the room, and how somebody says a number there. */
  readonly own?: { readonly room: string; readonly say: (number: number) => Promise<unknown> };
}

/** A client that connects to a port, which can be cut, and joins the room. */
type Listen = (port: number, server: TestServer) => Promise<Listener>;

const ROOM = "log:news";
const EVENT = "number";

/** What the table's rows say of each client, and the client. */
const clients: ReadonlyMap<string, readonly [says: string, listen: Listen]> = new Map([
  [
    "phoenix.js",
    ["`since` and `epoch`, by its function of params", (port) => listenPhoenix(port, {})],
  ],
  [
    "phoenix.js, long-polling",
    [
      "`since` and `epoch`, by its function of params",
      (port) => listenPhoenix(port, { transport: LongPoll }),
    ],
  ],
  ["Socket.IO", ["`since` and `epoch`, in the params of `join`", listenSocketIo]],
  ["plain JSON", ["`since` and `epoch`, in `_join`", listenPlain]],
  ["room client", ["by itself", listenChannel]],
  ["ColonyOS", ["`afterseq`, in `subscribeChannel`", listenColonies]],
  ["EventSource", ["`Last-Event-ID`, by itself", listenEventSource]],
  ["Tower", ["nothing: its protocol has no word for it", listenTower]],
]);

describe("the recovery table of the README", () => {
  const rows: string[] = [];

  for (const [name, [says, listen]] of clients) {
    it(`${name} after a cut`, async () => {
      rows.push(`| ${name} | ${says} | ${await tryOut(listen)} |`);
    });
  }

  it("says what was just found out", () => {
    const table = ["| | says at its join | gets after a cut |", "| --- | --- | --- |", ...rows];
    expect(readFileSync("README.md", "utf8")).toContain(table.join("\n"));
  });
});

/** Sends 1 and 2, cuts the connection, sends 3 to 5, lets the client back, sends 6. */
async function tryOut(listen: Listen): Promise<string> {
  const server = await startServer({
    rooms: [{ match: "log:*", aliases: ["log-*"], log: {} }],
    limits: { longPollWindowMs: 1000 },
  });
  const proxy = await TcpProxy.start(server.port);
  const listener = await listen(proxy.port, server);
  const { room = ROOM, say = sayTo(server) } = listener.own ?? {};
  const { rooms } = server.commonroom.io.of("/").adapter;
  const isIn = (): boolean => rooms.has(room);
  await until("it to be in", isIn);
  for (const number of [1, 2]) await say(number);
  await until("it to hear 2", () => listener.heard.includes(2));
  proxy.cut();
  await until("it to be gone", () => !isIn(), 10_000);
  for (const number of [3, 4, 5]) await say(number);
  proxy.restore();
  await listener.comeBack?.();
  await until("it to be back", isIn, 10_000);
  await say(6);
  await until("it to hear 6", () => listener.heard.includes(6));
  if (listener.heard.length === 3) return "what is new";
  expect(listener.heard).toEqual([1, 2, 3, 4, 5, 6]);
  return "what it missed, in order, once";
}

function sayTo({ commonroom }: TestServer) {
  return async (number: number): Promise<void> => {
    commonroom.io.to(ROOM).emit(EVENT, { number });
  };
}

/** Where a client is in the log, as its next join says it. */
class Place {
  params: { since?: number; epoch?: string } = {};

  joined(reply: unknown): void {
    const { response } = reply as { response: { offset: number; epoch: string } };
    this.params = { since: this.params.since ?? response.offset, epoch: response.epoch };
  }

  at(offset: number): void {
    this.params = { ...this.params, since: offset };
  }
}

async function listenPhoenix(port: number, options: object): Promise<Listener> {
  const isPolling = "transport" in options;
  const url = `${isPolling ? "http" : "ws"}://127.0.0.1:${port}/socket`;
  const times = { reconnectAfterMs: () => 50, rejoinAfterMs: () => 50 };
  const place = new Place();
  const heard: number[] = [];
  const channel = connectPhoenix(url, { ...options, ...times }).channel(ROOM, () => place.params);
  channel.on(EVENT, ({ number, _offset }) => {
    heard.push(number);
    place.at(_offset);
  });
  place.joined(await joinPhoenix(channel));
  return { heard };
}

async function listenSocketIo(port: number): Promise<Listener> {
  const socket = await connectSocketIo(`http://127.0.0.1:${port}`, {
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
  });
  socket.off("connect_error");
  const place = new Place();
  const heard: number[] = [];
  socket.on(EVENT, ({ number }, { offset }) => {
    heard.push(number);
    place.at(offset);
  });
  const join = async (): Promise<void> =>
    place.joined(await ask(socket, "join", ROOM, place.params));
  await join();
  const isCutOff = new Promise((resolve) => socket.once("disconnect", resolve));
  return {
    heard,
    comeBack: async () => {
      await within("it to notice the cut", isCutOff);
      await until("the connection to be back", () => socket.connected, 10_000);
      await join();
    },
  };
}

async function listenPlain(port: number): Promise<Listener> {
  const place = new Place();
  const heard: number[] = [];
  const connect = async (): Promise<void> => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    onTestFinished(() => webSocket.terminate());
    webSocket.on("error", () => {
      // The next attempt follows.
    });
    webSocket.on("open", () => {
      webSocket.send(JSON.stringify({ type: "_join", room: ROOM, _id: 1, ...place.params }));
    });
    const joined = new Promise<boolean>((resolve) => {
      webSocket.on("close", () => resolve(false));
      webSocket.on("message", (data) => {
        const { _re, _offset, number, ...reply } = JSON.parse(String(data));
        if (_re === 1) {
          place.joined(reply);
          resolve(true);
        } else if (number !== undefined) {
          heard.push(number);
          place.at(_offset);
        }
      });
    });
    if (!(await joined)) await connect();
  };
  await connect();
  return { heard, comeBack: connect };
}

async function listenChannel(port: number): Promise<Listener> {
  const settings = { WebSocket, autoReconnect: true, reconnectDelay: 0.05 };
  const channel = new Channel(`ws://127.0.0.1:${port}/ws`, settings);
  onTestFinished(() => channel.close());
  const heard: number[] = [];
  channel.onMessage((message) => heard.push((message as { number: number }).number));
  await channel.connect();
  await channel.join(ROOM);
  return { heard };
}

async function listenColonies(port: number, server: TestServer): Promise<Listener> {
  const key = generatePrivateKey();
  const [caller, submitter] = [port, server.port].map((each) => {
    const client = new ColoniesClient({ host: "127.0.0.1", port: each });
    client.setPrivateKey(key);
    return client;
  }) as [ColoniesClient, ColoniesClient];
  const conditions = { colonyname: "my-colony", executortype: "news" };
  const spec = { funcname: "tell", conditions, channels: ["news"] };
  const { processid } = await submitter.submitFunctionSpec(spec);
  const heard: number[] = [];
  let last = 0;
  const connect = async (): Promise<void> => {
    const socket = caller.subscribeChannel(
      processid,
      "news",
      last,
      60,
      (entries) => {
        for (const { sequence, payload } of entries) {
          heard.push(Number(payload));
          last = sequence;
        }
      },
      () => {
        // The next attempt follows.
      },
      () => {},
    );
    onTestFinished(() => socket.terminate());
  };
  await connect();
  const say = (number: number) =>
    submitter.channelAppend(processid, "news", number, 0, String(number));
  return { heard, comeBack: connect, own: { room: `process:${processid}:news`, say } };
}

async function listenEventSource(port: number): Promise<Listener> {
  const heard: number[] = [];
  const url = `http://127.0.0.1:${port}${eventsPath(ROOM)}`;
  await openEventSource(url, [EVENT], ({ data }) => void heard.push(JSON.parse(data).number));
  return { heard };
}

async function listenTower(port: number): Promise<Listener> {
  const heard: number[] = [];
  const connect = async (): Promise<void> => {
    const client = await openTower(`ws://127.0.0.1:${port}/websocket/`);
    client.webSocket.on("message", (data) => {
      const { number } = JSON.parse(String(data));
      if (number !== undefined) heard.push(number);
    });
    await client.groups({ log: ["news"] });
  };
  await connect();
  return { heard, comeBack: connect };
}
