import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Channel } from "../../client-shim/index.ts";
import { createCommonroom } from "../../server/index.ts";
import { settings } from "../../server/settings/setting.ts";
import { freePort } from "../support/redis-server.ts";
import { runBlock } from "../support/run-block.ts";
import { type BlockTest, testEachBlock } from "./block-tests.ts";

const PAGE = "docs/embedding.md";
const text = readFileSync(PAGE, "utf8");
/** Words in backticks, such as `join` of `join(room, params)`. */
const words = new Set([...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => wordsOf(code)));

function wordsOf(code: string): string[] {
  return code.match(/\w+/g) ?? [];
}

/** The names that a file's declaration of an interface or a class has. */
function membersOf(file: string, declaration: string): string[] {
  const [, rest = ""] = readFileSync(file, "utf8").split(declaration);
  const [body = ""] = rest.split("\n}\n", 1);
  const found = body.matchAll(/^ {2}(?:readonly |get )?(\w+)\??(?:<.*>)?[(:]/gm);
  return [...found].map(([, name = ""]) => name).filter((name) => name !== "constructor");
}

const listed: readonly (readonly [what: string, names: readonly string[]])[] = [
  ["export of the package", exportsOf("server/index.ts")],
  ["member of a server", Object.keys(createCommonroom())],
  ["surrounding", membersOf("server/wiring/base.ts", "export interface Surroundings {")],
  [
    "member of what the connect hook gets",
    membersOf("server/connections/connect.ts", "export interface ConnectRequest {"),
  ],
  [
    "member of a channel's definition",
    membersOf("server/rooms/definition.ts", "export interface ChannelDefinition<"),
  ],
  ["member of a member", membersOf("server/rooms/channel-member.ts", "class ChannelMember<")],
  [
    "member of a presence",
    membersOf("server/rooms/channel-member.ts", "export interface MemberPresence {"),
  ],
  ["method of the room client", clientNames()],
];

/** All but what several workers are told, and types that only other types name. */
const UNSAID: ReadonlySet<string> = new Set(["worker", "ApplicationServer", "ListenAddress"]);

function exportsOf(file: string): string[] {
  const blocks = readFileSync(file, "utf8").matchAll(/export (?:type )?\{([^}]*)\}/g);
  return [...blocks].flatMap(([, names = ""]) =>
    [...names.matchAll(/(?:type )?(\w+)/g)].map(([, name = ""]) => name),
  );
}

/** What a Channel has in camelCase, but for what its own parts have for each other. */
function clientNames(): string[] {
  const parts = ["listening", "link", "outbox", "rooms", "signals"];
  const types = ["Listening", "Link", "Outbox", "Rooms", "Signals"];
  const camel = (name: string) =>
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const declared = parts.flatMap((part, index) =>
    membersOf(`client-shim/${part}.ts`, `export interface ${types[index]} {`),
  );
  const options = membersOf("client-shim/settings.ts", "export interface ChannelSettings {");
  return [...declared, ...options].map(camel);
}

const blocks: ReadonlyMap<string, BlockTest> = new Map<string, BlockTest>([
  [
    "A server: ts",
    async (block) => {
      const port = await freePort();
      const program = await runBlock(block, { replace: { "3000": String(port) } });
      await program.printed(`listening at http://127.0.0.1:${port}`);
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      program.signal("SIGTERM");
      expect(await program.end()).toMatchObject({ code: 0 });
    },
  ],
]);

describe(PAGE, { timeout: 40_000 }, () => {
  testEachBlock("docs/embedding.md", blocks);

  it.each(listed)("names every %s", (_what, names) => {
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !words.has(name) && !UNSAID.has(name))).toEqual([]);
  });

  it("names each setting whose option has another name, and says which", () => {
    const camel = (name: string) =>
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    for (const { table, key, path } of settings) {
      if (path.join(".") === `${table}.${camel(key)}`) continue;
      expect([...words], `${table} ${key}`).toEqual(
        expect.arrayContaining([table, key, path.at(-1)]),
      );
    }
  });

  it("gives the room client's defaults as they are", () => {
    const channel = new Channel("ws://127.0.0.1:9") as unknown as Record<string, unknown>;
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const rows = [...text.matchAll(/^\| `(\w+)` \| `([\w.]+)`.* \|.+\|$/gm)];
    expect(rows.length).toBe(5);
    for (const [, name = "", said] of rows) expect(`${channel[snake(name)]}`).toBe(said);
  });
});
