import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { type Library, libraries, type Use } from "./library.ts";

type Native = Awaited<ReturnType<typeof connectSocketIo>>;

/** A room with the library and a native member, behind a proxy. */
interface Scene {
  readonly library: Library;
  readonly native: Native;
  /** What the native member calls the room, and the event that the library knows. */
  readonly room: string;
  readonly event: string;
  readonly nativeHeard: unknown[];
  readonly proxy: TcpProxy;
  readonly memberCount: () => number;
}

const ROOM = "lobby";
/** Tower's groups have names of this form. */
const ROOMS = [{ match: ROOM, aliases: [`${ROOM}-1`] }];
const NO_WORD = "only listens";
const BYTES = Buffer.from([0, 10, 255]);

async function setUp(use: Use): Promise<Scene> {
  const server = await startServer({ rooms: ROOMS, limits: { longPollWindowMs: 1000 } });
  const proxy = await TcpProxy.start(server.port);
  const library = await use(proxy.port);
  const { room = ROOM, onlyEvent: event = "said" } = library;
  const native = await connectSocketIo(server.url);
  const nativeHeard: unknown[] = [];
  native.onAny((...args) => nativeHeard.push(args.slice(0, 2)));
  expect(await ask(native, "join", room, {})).toMatchObject({ status: "ok" });
  const { rooms } = server.commonroom.io.of("/").adapter;
  const memberCount = () => rooms.get(room)?.size ?? 0;
  return { library, native, room, event, nativeHeard, proxy, memberCount };
}

async function joined(use: Use): Promise<Scene> {
  const scene = await setUp(use);
  expect(await scene.library.join(ROOM, {})).toMatchObject({ status: "ok" });
  await until("both to be in", () => scene.memberCount() === 2);
  return scene;
}

/** The native member says something, and the library hears it. */
async function hears({ library, native, room, event }: Scene, text: string): Promise<void> {
  await ask(native, "push", room, event, { text });
  await until(`to hear ${text}`, () =>
    library.heard.some(([name, value]) => name === event && isSame(value, { text })),
  );
}

function isSame(value: unknown, expected: unknown): boolean {
  return comparable(value) === comparable(expected);
}

function comparable(value: unknown): string {
  const isBytes = value instanceof Uint8Array || value instanceof ArrayBuffer;
  return isBytes ? Buffer.from(value as Uint8Array).toString("hex") : JSON.stringify(value);
}

type Capability = (use: Use) => Promise<string>;

/** What the table's cells say, each found out by trying. */
const capabilities: ReadonlyMap<string, Capability> = new Map([
  [
    "join",
    async (use) => {
      await hears(await joined(use), "hi");
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
      const { library, nativeHeard, event } = await joined(use);
      if (library.push === undefined) return NO_WORD;
      await library.push(ROOM, event, { text: "hi" });
      await until("the others to hear", () =>
        nativeHeard.some((heard) => isSame(heard, [event, { text: "hi" }])),
      );
      return "yes";
    },
  ],
  [
    "reply",
    async (use) => {
      const { library, event } = await joined(use);
      if (library.push === undefined) return NO_WORD;
      expect(await library.push(ROOM, event, {})).toMatchObject({ status: "ok", response: {} });
      return "yes";
    },
  ],
  [
    "error",
    async (use) => {
      const server = await startServer({ auth: { jwtSecret: secret }, rooms: ROOMS });
      const token = tokenFor("elsewhere");
      const { status, response } = await (await use(server.port, token)).join(ROOM, { token });
      expect(status).toBe("error");
      const { reason, code } = response as { reason: string; code?: string };
      expect(reason).toMatch(/\w+ \w+/);
      if (code === undefined) return "reason";
      expect([reason, code]).toEqual(["token does not cover this room", "room_forbidden"]);
      return "reason and code";
    },
  ],
  [
    "presence",
    async (use) => {
      const scene = await joined(use);
      // What is told of who is there comes before it.
      await hears(scene, "hi");
      const { library, nativeHeard } = scene;
      const isToldOfBoth = ([event, state]: readonly [string, unknown]) =>
        event === "presence_state" && Object.keys(Object(state)).length === 2;
      if (library.heard.some(isToldOfBoth)) return "yes";
      expect(library.heard.map(([event]) => event)).not.toContain("presence_state");
      const events = () => nativeHeard.map((heard) => (heard as readonly unknown[])[0]);
      if (!events().includes("presence_state")) return "its rooms have none";
      await until("the others to see it", () => events().includes("presence_diff"));
      return "is seen; is not told";
    },
  ],
  [
    "binary",
    async (use) => {
      const scene = await joined(use);
      const { library, native, nativeHeard, room } = scene;
      const event = library.onlyEvent ?? "sent";
      await library.push?.(ROOM, event, BYTES);
      const base64 = { base64: BYTES.toString("base64") };
      const shown = await until("the others to hear", () => {
        if (library.push === undefined) return "nothing";
        const heard = nativeHeard.map((each) => (each as readonly unknown[])[1]);
        if (heard.some((payload) => isSame(payload, base64))) return "base64";
        return heard.some((payload) => isSame(payload, BYTES)) && "bytes";
      });
      await ask(native, "push", room, library.onlyEvent ?? "told", BYTES);
      await hears(scene, "and after it");
      const isBytes = (payload: unknown) => isSame(payload, BYTES);
      if (library.heard.filter(([, payload]) => isBytes(payload)).length > 0) {
        return shown === "bytes" ? "yes" : `yes; to others as ${shown}`;
      }
      const isTold = library.heard.some(([name]) => name === "phx_undeliverable");
      if (library.push === undefined) {
        return isTold ? "is told of what it cannot get" : "hears nothing of it";
      }
      expect(isTold).toBe(true);
      return "sends; is told of what it cannot get";
    },
  ],
  [
    "recovery",
    async (use) => {
      const scene = await joined(use);
      const { library, proxy } = scene;
      proxy.cut();
      await until("it to be gone", () => scene.memberCount() === 1, 10_000);
      // Until then it takes the connection that is gone for the one that is to come back.
      if (library.reconnects) await until("it to notice", () => !library.isConnected, 10_000);
      proxy.restore();
      if (library.comeBack !== undefined) {
        if (library.reconnects) {
          await until("the connection to be back", () => library.isConnected, 10_000);
        }
        await library.comeBack(ROOM);
      }
      await until("it to be back", () => scene.memberCount() === 2, 10_000);
      await hears(scene, "again");
      if (library.comeBack === undefined) return "rejoins by itself";
      return library.reconnects
        ? "reconnects; the page joins again"
        : "the page connects and joins again";
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
