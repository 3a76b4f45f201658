import { expect } from "vitest";
import { accept, type ChannelMember, reply } from "../../server/index.ts";
import type { CodeBlock } from "../support/code-blocks.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

/** A line of the table: the frame's name, its first byte, and the names of its parts. */
interface Layout {
  readonly name: string;
  readonly kind: number;
  readonly parts: readonly string[];
}

interface Parts {
  readonly data: string;
  readonly [part: string]: string;
}

const LINE =
  /^(?<name>\S+(?: \S+)?) +(?<kind>[0-9a-f]{2}) \| (?<sizes>[\w, ]+) sizes \| (?<parts>[\w ]+) \| data(?: {2,}.*)?$/;

/**
 * Makes and reads frames by nothing but the lines of the document, and lets a server read and make
 * the same.
 */
export async function playBinaryFrames({ text }: CodeBlock): Promise<void> {
  const layouts = new Map(text.split("\n").map((line) => [readLine(line).name, readLine(line)]));
  const layoutOf = (name: string): Layout => {
    const layout = layouts.get(name);
    if (layout === undefined) throw new Error(`no line for ${name}`);
    return layout;
  };
  expect([...layouts.keys()]).toEqual(["client push", "server push", "reply", "broadcast"]);

  const members: ChannelMember<undefined>[] = [];
  const server = await startServer();
  server.commonroom.channel("room:*", {
    join: () => accept(undefined),
    joined: (member) => void members.push(member),
    on: {
      shout: {
        handle(member, payload) {
          member.broadcast("shouted", payload as Uint8Array);
          return reply(payload as Uint8Array);
        },
      },
    },
  });
  const client = await connectRaw(`${server.wsUrl}/socket/websocket?vsn=2.0.0`);
  client.send('["3","3","room:a","phx_join",{}]');
  await until("to be in", () => members.length === 1);

  const pushed = { join_ref: "3", ref: "4", topic: "room:a", event: "shout" };
  client.send(encode(layoutOf("client push"), { ...pushed, data: "\x00\xff" }));
  const frames = () => client.received.filter((frame) => Buffer.isBuffer(frame));
  await until("a broadcast and a reply", () => frames().length === 2);
  members[0]?.push("told", Buffer.from("\x01\xfe", "latin1"));
  await until("a push", () => frames().length === 3);
  const came = frames();
  const read = (name: string): Parts | undefined => {
    const layout = layoutOf(name);
    const frame = came.find((each) => decode(layout, each)?.["topic"] === "room:a");
    return frame && decode(layout, frame);
  };
  expect(read("broadcast")).toEqual({ topic: "room:a", event: "shouted", data: "\x00\xff" });
  const status = { join_ref: "3", ref: "4", topic: "room:a", status: "ok" };
  expect(read("reply")).toEqual({ ...status, data: "\x00\xff" });
  const told = { join_ref: "3", topic: "room:a", event: "told" };
  expect(read("server push")).toEqual({ ...told, data: "\x01\xfe" });
}

function readLine(line: string): Layout {
  const { name = "", kind = "", sizes = "", parts = "" } = LINE.exec(line)?.groups ?? {};
  const names = parts.split(" ");
  if (name === "" || sizes !== names.join(", ")) throw new Error(`no layout: ${line}`);
  return { name, kind: Number.parseInt(kind, 16), parts: names };
}

function encode({ kind, parts }: Layout, content: Parts): Buffer {
  const values = parts.map((part) => Buffer.from(content[part] ?? ""));
  const data = Buffer.from(content.data, "latin1");
  return Buffer.concat([
    Buffer.from([kind, ...values.map(({ length }) => length)]),
    ...values,
    data,
  ]);
}

/** A frame's parts; undefined for a frame of another kind. */
function decode({ kind, parts }: Layout, frame: Buffer): Parts | undefined {
  if (frame[0] !== kind) return undefined;
  let at = 1 + parts.length;
  const found = parts.map((part, index) => {
    const end = at + (frame[1 + index] ?? 0);
    const value = frame.toString("utf8", at, end);
    at = end;
    return [part, value] as const;
  });
  return { ...Object.fromEntries(found), data: frame.toString("latin1", at) };
}
