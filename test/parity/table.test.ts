import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { type Library, libraries } from "./library.ts";

type Native = Awaited<ReturnType<typeof connectSocketIo>>;

/** A room with the library and a native member, behind a proxy. */
interface Scene {
  readonly library: Library;
  readonly native: Native;
  readonly nativeHeard: unknown[];
  readonly proxy: TcpProxy;
  readonly memberCount: () => number;
}

const ROOM = "lobby";
const BYTES = Buffer.from([0, 10, 255]);

async function setUp(use: (port: number) => Promise<Library>): Promise<Scene> {
  const server = await startServer({ limits: { longPollWindowMs: 1000 } });
  const proxy = await TcpProxy.start(server.port);
  const library = await use(proxy.port);
  const native = await connectSocketIo(server.url);
  const nativeHeard: unknown[] = [];
  native.onAny((...args) => nativeHeard.push(args.slice(0, 2)));
  await ask(native, "join", ROOM, {});
  const { rooms } = server.commonroom.io.of("/").adapter;
  return { library, native, nativeHeard, proxy, memberCount: () => rooms.get(ROOM)?.size ?? 0 };
}

async function joined(use: (port: number) => Promise<Library>): Promise<Scene> {
  const scene = await setUp(use);
  expect(await scene.library.join(ROOM, {})).toMatchObject({ status: "ok" });
  return scene;
}

function hears({ library }: Scene, event: string, payload: unknown): Promise<unknown> {
  return until(`to hear ${event}`, () =>
    library.heard.some(([name, value]) => name === event && isSame(value, payload)),
  );
}

function isSame(value: unknown, expected: unknown): boolean {
  return comparable(value) === comparable(expected);
}

function comparable(value: unknown): string {
  const isBytes = value instanceof Uint8Array || value instanceof ArrayBuffer;
  return isBytes ? Buffer.from(value as Uint8Array).toString("hex") : JSON.stringify(value);
}

type Capability = (use: (port: number) => Promise<Library>) => Promise<string>;

/** What the table's cells say, each found out by trying. */
const capabilities: ReadonlyMap<string, Capability> = new Map([
  [
    "join",
    async (use) => {
      const scene = await joined(use);
      expect(scene.memberCount()).toBe(2);
      await ask(scene.native, "push", ROOM, "said", { text: "hi" });
      await hears(scene, "said", { text: "hi" });
      return "yes";
    },
  ],
  [
    "leave",
    async (use) => {
      const scene = await joined(use);
      expect(await scene.library.leave(ROOM)).toMatchObject({ status: "ok" });
      await until("it to have left", () => scene.memberCount() === 1);
      return "yes";
    },
  ],
  [
    "push",
    async (use) => {
      const { library, nativeHeard } = await joined(use);
      await library.push(ROOM, "said", { text: "hi" });
      await until("the others to hear", () =>
        nativeHeard.some((heard) => isSame(heard, ["said", { text: "hi" }])),
      );
      return "yes";
    },
  ],
  [
    "reply",
    async (use) => {
      const { library } = await joined(use);
      expect(await library.push(ROOM, "said", {})).toMatchObject({ status: "ok", response: {} });
      return "yes";
    },
  ],
  [
    "error",
    async (use) => {
      const server = await startServer({ auth: { jwtSecret: secret } });
      const library = await use(server.port);
      expect(await library.join(ROOM, { token: tokenFor("elsewhere") })).toMatchObject({
        status: "error",
        response: { code: "room_forbidden", reason: "token does not cover this room" },
      });
      return "reason and code";
    },
  ],
  [
    "presence",
    async (use) => {
      const scene = await joined(use);
      await until("who is there", () =>
        scene.library.heard.some(
          ([event, state]) => event === "presence_state" && Object.keys(Object(state)).length === 2,
        ),
      );
      return "yes";
    },
  ],
  [
    "binary",
    async (use) => {
      const scene = await joined(use);
      await scene.library.push(ROOM, "sent", BYTES);
      await until("the others to hear", () =>
        scene.nativeHeard.some((heard) => Array.isArray(heard) && isSame(heard[1], BYTES)),
      );
      await ask(scene.native, "push", ROOM, "told", BYTES);
      const got = await until("an event", () =>
        scene.library.heard.find(([event]) => event === "told" || event === "phx_undeliverable"),
      );
      if (got[0] === "phx_undeliverable") return "sends; is told of what it cannot get";
      expect(isSame(got[1], BYTES)).toBe(true);
      return "yes";
    },
  ],
  [
    "recovery",
    async (use) => {
      const scene = await joined(use);
      const { library, native, proxy } = scene;
      proxy.cut();
      await until("it to be gone", () => scene.memberCount() === 1, 10_000);
      proxy.restore();
      if (library.comeBack !== undefined) {
        await until("the connection to be back", () => library.isConnected, 10_000);
        await library.comeBack(ROOM);
      }
      await until("it to be back", () => scene.memberCount() === 2, 10_000);
      await ask(native, "push", ROOM, "said", { text: "again" });
      await hears(scene, "said", { text: "again" });
      return library.comeBack === undefined
        ? "rejoins by itself"
        : "reconnects; the page joins again";
    },
  ],
]);

describe("the parity table of the README", () => {
  const names = [...libraries.keys()];
  const rows = new Map([...capabilities.keys()].map((capability) => [capability, [] as string[]]));

  for (const [capability, tryOut] of capabilities) {
    for (const [name, use] of libraries) {
      it(`${capability}: ${name}`, async () => {
        rows.get(capability)?.push(await tryOut(use));
      });
    }
  }

  it("says what was just found out", () => {
    const cells = [
      ["", ...names],
      names.map(() => "---").concat("---"),
      ...[...rows].map(([capability, row]) => [capability, ...row]),
    ];
    const table = cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
    expect(readFileSync("README.md", "utf8")).toContain(table);
  });
});
