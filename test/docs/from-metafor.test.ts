import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectPlain, heardBy, joinPlain } from "../support/plain-client.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { type RunningBlock, runBlock } from "../support/run-block.ts";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { WorldPage } from "./world-page.ts";

/** A folder with Metafor's own `channels`, where somebody has it. */
const metafor = process.env["METAFOR_CHANNELS"] ?? "";
const page = new WorldPage("docs/from-metafor.md");
const chat = page.block("python", "asyncio.create_task(setup())");
const installs = page.block("js", "installInto");
const phoenix = page.block("js", 'from "phoenix"');
const settings = page.block("toml", "[plain]");

/** Frames as Metafor's own client writes them. */
const FRAMES = {
  join: '{"type": "_join", "room": "general"}',
  send: '{"text": "hello", "_room": "general"}',
  elsewhere: '{"text": "hello", "_room": "elsewhere"}',
  withoutRoom: '{"text": "hello"}',
  text: "Hello, World!",
};

/** Runs the page's Python as its page does: in Pyodide, with our client. */
async function runInPage(port: number): Promise<RunningBlock> {
  const program = await runBlock(installs, { after: pythonFor(port) });
  // The module that the installer has put there.
  await program.printed(/^commonroom/m, 20_000);
  return program;
}

/** Runs the page's Python in Pyodide with Metafor's own client. */
function runWithOriginal(port: number): Promise<RunningBlock> {
  const files = Object.fromEntries(
    ["__init__", "channel", "exceptions"].map((name) => [
      `channels/${name}.py`,
      readFileSync(join(metafor, `${name}.py`), "utf8"),
    ]),
  );
  const core = `${readFileSync("test/room-clients/metafor-core.py", "utf8")}\nSignal = object\n`;
  const folder = "/home/pyodide/metafor";
  const text = [
    'import { loadPyodide } from "pyodide";',
    "const pyodide = await loadPyodide();",
    `pyodide.FS.mkdirTree("${folder}/channels");`,
    ...Object.entries({ ...files, "__init__.py": "", "core.py": core }).map(
      ([name, content]) => `pyodide.FS.writeFile("${folder}/${name}", ${JSON.stringify(content)});`,
    ),
    pythonFor(port),
  ].join("\n");
  return runBlock({ language: "js", text });
}

function pythonFor(port: number): string {
  const python = chat.text.replaceAll("2347", String(port));
  return `await pyodide.runPythonAsync(${JSON.stringify(python)});`;
}

/** A client that sends what Metafor's own one does. */
async function original(port: number): Promise<RawClient> {
  const client = await connectRaw(`ws://127.0.0.1:${port}/ws`);
  client.send(FRAMES.join);
  return client;
}

async function hasRoom(port: number): Promise<boolean> {
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  return ((await health.json()) as { readonly rooms: number }).rooms === 1;
}

/** Sends a message to the page's room; gives the number of members that it had. */
async function tell(port: number, text: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/publish`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ room: "general", payload: { text } }),
  });
  return ((await answer.json()) as { readonly members: number }).members;
}

const clients: readonly (readonly [string, (port: number) => Promise<RunningBlock>])[] = [
  ["our client", runInPage],
  ...(existsSync(metafor) ? ([["Metafor's own client", runWithOriginal]] as const) : []),
];

describe("docs/from-metafor.md", () => {
  it("changes the one line that names the address", () => {
    const { added, removed } = page.change("channel = Channel(");
    expect(removed).toHaveLength(1);
    expect(added).toHaveLength(1);
    for (const line of added) expect(chat.text.split("\n")).toContain(line);
  });

  it.each(clients)(
    "has the Python of a page, with %s, phoenix.js and curl in one room",
    async (_name, run) => {
      const port = await page.start();
      const listener = await page.run(phoenix, port);
      await until("phoenix.js to be in the room", () => hasRoom(port), 10_000);
      const proxy = await TcpProxy.start(port);
      const python = await run(proxy.port);
      await listener.printed("phoenix.js heard: hello from Python");
      await page.run(phoenix, port);
      await python.printed("Python heard: hello from phoenix.js");
      const { code, output } = await (await page.run(page.block("sh", "curl"), port)).end();
      expect([code, output]).toEqual([0, expect.stringContaining('"members":3')]);
      await python.printed("Python heard: hello from curl");
      await listener.printed("phoenix.js heard: hello from curl");
      proxy.cut();
      proxy.restore();
      // Said again and again: at first the connection that is gone may still count as a member.
      await until(
        "Python to be back",
        async () => {
          await tell(port, "back?");
          return python.output.includes("Python heard: back?");
        },
        20_000,
      );
    },
    60_000,
  );

  it("takes the frames of Metafor's own client, and is silent but for refusals", async () => {
    const server = await startServer();
    const other = await joinPlain(server, "general");
    const client = await original(server.port);
    client.send(FRAMES.send);
    expect(await other.next()).toEqual({ text: "hello", _room: "general" });
    expect(await heardBy(client)).toEqual([]);
    client.send(FRAMES.elsewhere);
    client.send(FRAMES.withoutRoom);
    expect(await heardBy(client)).toEqual([
      { type: "_error", code: "room_not_joined", reason: "unmatched topic", about: "elsewhere" },
      { type: "_error", code: "room_missing", reason: expect.any(String) },
    ]);
    server.commonroom.io.to("general").emit("message", Buffer.from([1]));
    expect(await client.next()).toMatchObject({ _event: "phx_undeliverable" });
  });

  it("answers as the sketch does, with the page's settings", async () => {
    const port = await page.startWith(settings);
    const client = await original(port);
    expect(await client.next()).toEqual({ status: "joined", room: "general" });
    client.send(FRAMES.withoutRoom);
    expect(await client.next()).toEqual({ echo: { text: "hello" } });
    client.send(FRAMES.text);
    expect(await client.next()).toBe("Echo: Hello, World!");
    const other = await joinPlain({ wsUrl: `ws://127.0.0.1:${port}` }, "elsewhere");
    client.send(FRAMES.elsewhere);
    expect(await other.next()).toEqual({ text: "hello", _room: "elsewhere" });
  });

  it("sends to all, as the pseudocode does, with the other value", async () => {
    expect(settings.text).toContain('"broadcast" sends to all');
    const server = await startServer({ plain: { withoutRoom: "broadcast" } });
    const one = await connectPlain(server);
    const two = await connectPlain(server);
    await heardBy(two);
    one.send(FRAMES.withoutRoom);
    expect(await two.next()).toMatchObject({ text: "hello" });
  });

  it("opens rooms to a token in the address, or in a join", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const token = tokenFor("general");
    const inAddress = await connectPlain(server, `?token=${token}`);
    for (const client of [inAddress, await joinPlain(server, "general", { token })]) {
      client.send({ type: "_join", room: "general", _id: 1, token });
      expect(await client.next()).toMatchObject({ _re: 1, status: "ok" });
    }
    const without = await original(server.port);
    expect(await without.next()).toMatchObject({ type: "_error", code: "token_missing" });
  });

  it("has the same class outside the page", async () => {
    const port = await page.start();
    const other = await joinPlain({ wsUrl: `ws://127.0.0.1:${port}` }, "general");
    const program = await page.run(page.block("python", "ChannelMessageError"), port);
    expect(await other.next()).toEqual({ user: "ann", _event: "typing", _room: "general" });
    const { code, output } = await program.end();
    expect([code, output]).toEqual([0, expect.stringContaining("room_not_joined unmatched topic")]);
    expect(output).toMatch(/^\{\}$/m);
    expect(output).toContain("presence_state");
  });

  it("has links that lead somewhere", () => {
    expect(page.brokenLinks()).toEqual([]);
  });

  it("has no block that was not run", () => {
    expect(page.unused).toEqual([]);
  });
});
