import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isRedisUrl } from "../../server/bus/locator.ts";
import { closes, refusals } from "../../server/index.ts";
import { optionsSchema } from "../../server/options.ts";
import { settings } from "../../server/settings/setting.ts";
import { connectPlain, joinPlain } from "../support/plain-client.ts";
import { startServer } from "../support/server.ts";
import { tableRows } from "./page-text.ts";

const README = "README.md";
const LIMITS = "| limit | default | `[limits]` | at the limit |";
const GUARANTEES = "| | what you can rely on |";

const units: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["s", 1000],
]);

/** Which tests prove what is promised: a file, and what one of its tests is called. */
const proofs: ReadonlyMap<string, readonly (readonly [file: string, title: string])[]> = new Map([
  [
    "order",
    [
      ["test/parity/one-order.test.ts", "one same ordered list"],
      ["test/cluster/two-nodes.test.ts", "once and in its order"],
      ["test/logs/cluster.test.ts", "one same order, that of the offsets"],
    ],
  ],
  [
    "duplicates",
    [
      ["test/cluster/two-nodes.test.ts", "to each member exactly once, wherever it is"],
      ["test/logs/recovery.test.ts", "one that it repeats is logged once"],
      ["test/logs/cluster.test.ts", "know a sender's number wherever it is repeated"],
    ],
  ],
  [
    "loss",
    [
      ["test/docs/guarantees.test.ts", "is gone where the room keeps no log"],
      ["test/cluster/redis-trouble.test.ts", "members are told"],
      ["test/dialects/phoenix/close.test.ts", "with 1013 when it reads too slowly"],
    ],
  ],
  [
    "recovery",
    [
      ["test/parity/recovery.test.ts", "after a cut"],
      ["test/logs/recovery.test.ts", "gets what it has missed right after the reply"],
      ["test/logs/recovery.test.ts", "is told where the log is another one"],
      ["test/logs/kill.test.ts", "A node that is killed while a client pushes through it"],
    ],
  ],
  [
    "isolation",
    [["test/channels/channel.test.ts", "of a handler that throws costs that member the room"]],
  ],
]);

describe("the limits in the README", () => {
  it("that are settings have the defaults that are said", () => {
    const { limits } = optionsSchema.parse({});
    const rows = tableRows(README, LIMITS).filter(([, , setting]) => setting !== "");
    expect(rows.length).toBeGreaterThan(10);
    for (const [limit, said = "", setting = ""] of rows) {
      const found = settings.find(
        ({ table, key }) => table === "limits" && `\`${key}\`` === setting,
      );
      const name = found?.path[1] ?? "";
      expect([limit, name, Object.entries(limits).find(([key]) => key === name)?.[1]]).toEqual([
        limit,
        name,
        sizeOf(said),
      ]);
    }
  });

  it("are answered by codes that there are", () => {
    const known = new Set<string>(Object.keys(refusals));
    const numbers = new Set(Object.values(closes).map(({ code }) => String(code)));
    for (const [, , , answer = ""] of tableRows(README, LIMITS)) {
      for (const [, code = ""] of answer.matchAll(/`(\w+)`/g)) expect(known).toContain(code);
      for (const [, code = ""] of answer.matchAll(/close (\d+)/g)) expect(numbers).toContain(code);
    }
  });

  it("that are no settings are as they are said", async () => {
    const saidOf = new Map(
      tableRows(README, LIMITS).map(([limit = "", said = ""]) => [limit, said]),
    );
    const server = await startServer();
    const nameBytes = sizeOf(saidOf.get("room name, event name")?.replace(" bytes", "") ?? "");
    await joinPlain(server, "r".repeat(nameBytes));
    await expect(joinPlain(server, "r".repeat(nameBytes + 1))).rejects.toThrow("room_name_invalid");

    const depth = sizeOf(saidOf.get("nesting of a payload") ?? "");
    const client = await connectPlain(server);
    client.send({ type: "_join", room: "lobby", _id: 0 });
    await client.next();
    for (const [id, levels] of [depth, depth + 1].entries()) {
      // The frame itself is the first level.
      const value = "[".repeat(levels - 1) + "]".repeat(levels - 1);
      client.send(`{"_room": "lobby", "_id": ${id + 1}, "value": ${value}}`);
    }
    expect(await client.next()).toMatchObject({ _re: 1, status: "ok" });
    expect(await client.next()).toMatchObject({
      _re: 2,
      response: { code: "payload_invalid" },
    });

    const count = sizeOf(saidOf.get("messages in one `POST /publish`") ?? "");
    const message = { room: "lobby", payload: {} };
    const headers = { "content-type": "application/json" };
    const publish = (length: number) =>
      fetch(`${server.url}/publish`, {
        method: "POST",
        headers,
        body: JSON.stringify(Array.from({ length }, () => message)),
      });
    expect((await publish(count)).status).toBe(200);
    expect(await (await publish(count + 1)).json()).toMatchObject({ code: "messages_exhausted" });
  });
});

describe("the addresses of Redis in the README", () => {
  it("are such as the server takes", () => {
    const rows = tableRows(README, "| Redis | `--redis` |");
    const addresses = rows.flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)]);
    expect(addresses.length).toBeGreaterThan(3);
    for (const [, address = ""] of addresses) {
      expect([address, isRedisUrl(address)]).toEqual([address, true]);
    }
  });
});

describe("the guarantees in the README", () => {
  it("are each proved by tests that there are", () => {
    expect(tableRows(README, GUARANTEES).map(([name]) => name)).toEqual([...proofs.keys()]);
    for (const tests of proofs.values()) {
      for (const [file, title] of tests) {
        expect([file, readFileSync(file, "utf8").includes(title)]).toEqual([file, true]);
      }
    }
  });
});

/** Bytes, milliseconds or a count. */
function sizeOf(said: string): number {
  const [, number = "", unit = ""] = /^([\d,]+) ?(\w*)$/.exec(said) ?? [];
  return Number(number.replaceAll(",", "")) * (units.get(unit) ?? Number.NaN);
}
