import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

const run = promisify(execFile);
const tsc = join("node_modules", "typescript", "bin", "tsc");

const user = `
import { Channel, type ChannelError, type ChannelState, type Signal } from "CLIENT";
const channel = new Channel("ws://localhost/ws", { autoReconnect: true });
const positional = new Channel("ws://localhost/ws", ["a"], true, 2, null);
channel.onMessage((message: { text: string }, { room, event }) => [message.text, room, event]);
channel.on_error((error: ChannelError) => error.code);
channel.onClose(async ({ code, reason }) => [code, reason]);
const state: ChannelState = channel.state;
const signal: Signal<number> = positional.readyStateSignal;
const left: Promise<void> = channel.leave("r");
const response: Promise<unknown> = channel.push("r", "e", new Uint8Array(1));
channel.auto_reconnect = false;
// @ts-expect-error the state is not the user's to change
channel.state = "open";
// @ts-expect-error what the parts share is not for users
channel.carrier;
// @ts-expect-error there is no such option
new Channel("ws://localhost/ws", { reconnect: true });
export { left, response, signal, state };
`;

describe("the room client's types", () => {
  it.each([
    ["without the library of a browser or of Node", ["es2023"]],
    ["with that of a browser", ["es2023", "dom", "dom.iterable"]],
  ])("are accepted %s", async (_what, lib) => {
    const folder = await mkdtemp(join(tmpdir(), "commonroom-types-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const client = resolve("client-shim", "index.ts");
    await writeFile(join(folder, "user.ts"), user.replace("CLIENT", client));
    const compilerOptions = {
      target: "es2023",
      lib,
      types: [],
      module: "esnext",
      moduleResolution: "bundler",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      allowImportingTsExtensions: true,
      noEmit: true,
    };
    const config = { compilerOptions, files: ["user.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const problems = await run(process.execPath, [tsc, "-p", folder]).then(
      () => "",
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
    expect(problems).toBe("");
  });
});
