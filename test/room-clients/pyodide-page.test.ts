import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { startServer } from "../support/server.ts";
import { PyodidePage } from "./pyodide-page.ts";

let python: PyodidePage;
beforeAll(async () => {
  python = await PyodidePage.start();
  await python.page.evaluate(`
    installInto(pyodide);
    pyodide._module.enable_pyproxy_allocation_tracing();
  `);
  await python.run(HELPERS);
});
afterAll(async () => {
  // The browser notes each connection that failed; that is what some tests are about.
  expect(python.errors.filter((error) => !error.startsWith("WebSocket connection"))).toEqual([]);
  await python.stop();
});

const HELPERS = `
import asyncio, gc, json, time
from metafor.channels import Channel, ChannelConnectionError, ChannelState

async def failure_of(awaitable):
    began = time.time()
    try:
        await awaitable
    except ChannelConnectionError as error:
        return [type(error).__name__, str(error), error.code, time.time() - began < 2]

async def count():
    await asyncio.sleep(0)
    gc.collect()

async def until(probe):
    for _ in range(1000):
        if probe():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError
`;

/** How many proxies of Python objects are alive, and how many JavaScript objects Python holds. */
async function count(): Promise<unknown> {
  await python.run("await count()");
  return python.page.evaluate(`({
    proxies: pyodide._module.pyproxy_alloc_map.size,
    objects: pyodide._module._hiwire_num_refs(),
  })`);
}

/** Runs a function's body and gives what it returns. */
async function run(body: string): Promise<unknown> {
  const lines = body.trim().split("\n");
  const code = `async def body():\n    ${lines.join("\n    ")}\njson.dumps(await body())`;
  return JSON.parse(String(await python.run(code))) as unknown;
}

function refuse(client: WebSocket): void {
  client.send('{"type":"_error","code":"connect_refused","reason":"not this one"}');
  client.close(4403, "connection refused");
}

/** A server that does one thing with each client. */
async function serve(handle: (client: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", handle);
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return `ws://127.0.0.1:${address.port}/ws`;
}

describe("Python in the page", () => {
  it("leaves no proxy behind after 10,000 handlers and their removal", async () => {
    await run(`channel = Channel("ws://127.0.0.1:9/")`);
    const before = await count();
    const removed = await run(`
channel = Channel("ws://127.0.0.1:9/")
removed = 0
for number in range(10_000):
    kinds = [channel.on_message, channel.on_open, channel.on_close, channel.on_error]
    removed += channel.remove_handler(kinds[number % 4](lambda message: number))
    handler = channel.on_room_message("r", lambda message: number)
    removed += channel.remove_room_handler("r", handler)
return removed`);
    expect(removed).toBe(20_000);
    expect(await count()).toEqual(before);
  });

  it("leaves no proxy behind after 50 connections, whichever way they end", async () => {
    const { wsUrl } = await startServer();
    const refusing = await serve(refuse);
    const later = await serve((client) => {
      client.on("message", () => client.terminate());
    });
    const visits = (times: number): string => `
async def good():
    channel = Channel("${wsUrl}/ws")
    channel.on_message(lambda message: None)
    await channel.connect()
    await channel.join("r", presence=True)
    await channel.send(b"bytes", room="r")
    await channel.push("r", "e", {"n": 1})
    await channel.close()

async def cut():
    channel = Channel("${later}")
    await channel.connect()
    await channel.send("end this")
    await until(lambda: channel.state is ChannelState.CLOSED)

async def refused():
    # Where the browser has to wait for the machine, it counts as open before it is refused.
    channel = Channel("${refusing}")
    await failure_of(channel.connect())
    await until(lambda: channel.state is ChannelState.CLOSED)

async def ended_while_connecting():
    channel = Channel("${wsUrl}/ws")
    connecting = asyncio.create_task(channel.connect())
    await asyncio.sleep(0)
    await channel.close()
    assert await failure_of(connecting)

for _ in range(${times}):
    await good()
    await cut()
    await ended_while_connecting()
    await refused()
    assert await failure_of(Channel("ws://127.0.0.1:9/").connect())
    assert await failure_of(Channel("ftp://no").connect())`;
    await run(visits(1));
    const before = await count();
    await run(visits(50));
    expect(await count()).toEqual(before);
  }, 60_000);

  it("has a connection that is refused raise at once, with the server's reason and code", async () => {
    const url = await serve(refuse);
    const found = await run(`return await failure_of(Channel("${url}").connect())`);
    const name = "ChannelConnectionError";
    expect(found).toEqual([name, "not this one", "connect_refused", true]);
  });

  it("has a handshake that fails raise at once", async () => {
    const found = await run(`return await failure_of(Channel("ws://127.0.0.1:9/").connect())`);
    expect(found).toEqual([
      "ChannelConnectionError",
      "The connection could not be opened",
      "connect_failed",
      true,
    ]);
  });

  it("has addresses and sub-protocols that are none raise, without repeating them", async () => {
    const found = (await run(`
return [
    await failure_of(Channel("ftp://secret").connect()),
    await failure_of(Channel("ws://127.0.0.1:9/", protocols=["no protocol"]).connect()),
]`)) as string[][];
    for (const [name, message] of found) {
      expect(name).toBe("ChannelConnectionError");
      expect(message).toBe("The address or the sub-protocols are not valid");
    }
  });

  it("offers sub-protocols and hears the close's code and reason", async () => {
    const url = await serve((client) => {
      client.on("message", () => client.close(4001, `over ${client.protocol}`));
    });
    const found = await run(`
channel = Channel("${url}", protocols=["chat"])
told = []
channel.on_open(lambda event: told.append(event.protocol))
channel.on_close(lambda event: told.append([event.code, event.reason, event.wasClean]))
await channel.connect()
await channel.send("end this")
await until(lambda: len(told) == 2)
return told`);
    expect(found).toEqual(["chat", [4001, "over chat", true]]);
  });

  it("sends and hears real values: None, exact integers, lists, bytes", async () => {
    const url = await serve((client) => {
      client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
    });
    const found = await run(`
channel = Channel("${url}")
heard = []
channel.on_message(heard.append)
await channel.connect()
message = {"none": None, "big": 2**70, "list": [1, [2]], "dict": {"ä": True}}
for each in [message, b"\\x00\\xff", bytearray(b"a"), memoryview(b"b"), "text", [None]]:
    await channel.send(each)
await until(lambda: len(heard) == 6)
await channel.close()
expected = [message, b"\\x00\\xff", b"a", b"b", "text", [None]]
return [heard == expected, [type(each).__name__ for each in heard]]`);
    expect(found).toEqual([true, ["dict", "bytes", "bytes", "bytes", "str", "list"]]);
  });
});
