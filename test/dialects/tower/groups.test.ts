import { describe, expect, it } from "vitest";
import type { CanSee } from "../../../server/index.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { openTower, type TowerClient } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const KEPT = '{"groups_current": ["jobs-kept"], "groups_left": [], "groups_joined": []}';
const GROUPS_INVALID = "groups must be an object of lists of event types or ids";
const NAME_INVALID = "group name must be 1 to 99 of A-Z a-z 0-9 _ . -";

async function openIn(groups: object): Promise<TowerClient> {
  const { wsUrl } = await startServer();
  const client = await openTower(`${wsUrl}/websocket/`);
  await client.groups({ ...groups });
  return client;
}

describe("a request that cannot be met", () => {
  it.each<[what: string, sent: string | Buffer, error: string]>([
    ["text that is not JSON", "hello", "frame is not JSON"],
    ["an empty text frame", "", "frame is not JSON"],
    ["a NaN in it", '{"groups": {"jobs": [NaN]}}', "frame is not JSON"],
    ["a binary frame", Buffer.from('{"groups": {}}'), "frame is not JSON"],
    ["an empty binary frame", Buffer.alloc(0), "frame is not JSON"],
    ["a list", "[1]", "request must be a JSON object"],
    ["null", "null", "request must be a JSON object"],
    ["a number", "5", "request must be a JSON object"],
    ["a string", '"groups"', "request must be a JSON object"],
    ["groups that are a list", '{"groups": []}', GROUPS_INVALID],
    ["groups that are null", '{"groups": null}', GROUPS_INVALID],
    ["a value that is no list", '{"groups": {"jobs": "kept"}}', "access denied to channel"],
    ["an object as an id", '{"groups": {"job_events": [{"id": 1}]}}', GROUPS_INVALID],
    ["a list as an id", '{"groups": {"jobs": ["kept", []]}}', GROUPS_INVALID],
    ["an illegal character", '{"groups": {"jobs": ["new", "a b"]}}', NAME_INVALID],
    ["a name of 100 characters", `{"groups": {"a": ["${"x".repeat(98)}"]}}`, NAME_INVALID],
    ["10,000 groups", manyGroups(10_000), "too many channels joined"],
    ["101 groups", manyGroups(101), "too many channels joined"],
  ])("since it is %s is answered by one error, and nothing changes", async (_what, sent, error) => {
    const client = await openIn({ jobs: ["kept"] });
    client.send(sent);
    expect(await client.next()).toBe(`{"error": "${error}"}`);
    client.ask({ jobs: ["kept"] });
    expect(await client.next()).toBe(KEPT);
  });

  it("leaves the client in the groups of its last good request", async () => {
    const { wsUrl, commonroom } = await startServer();
    const client = await openTower(`${wsUrl}/websocket/`);
    await client.groups({ jobs: ["kept"] });
    client.send('{"groups": {"jobs": "a"}}');
    await client.next();
    commonroom.io.to("jobs-kept").emit("message", { n: 1 });
    expect(await client.next()).toBe('{"n":1}');
    expect(await client.groups({ jobs: ["a"] })).toMatchObject({ groups_left: ["jobs-kept"] });
    commonroom.io.to("jobs-kept").emit("message", { n: 2 });
    commonroom.io.to("jobs-a").emit("message", { n: 3 });
    expect(await client.next()).toBe('{"n":3}');
  });

  it("because of one item does not keep the others out", async () => {
    const client = await openIn({});
    client.ask({
      broadcast: ["group_send"],
      job_events: ["abc", 1, null, true, 3.5, -1],
      jobs: ["a"],
    });
    const denied = (key: string, item: string) =>
      `{"error": "access denied to channel ${key} for resource id ${item}"}`;
    expect(await client.next()).toBe(denied("broadcast", "group_send"));
    for (const item of ["abc", "None", "True", "3.5"]) {
      expect(await client.next()).toBe(denied("job_events", item));
    }
    expect(await client.next()).toContain(
      '"groups_joined": ["job_events-1", "job_events--1", "jobs-a"]',
    );
  });

  it("closes the connection only where WebSocket itself is broken", async () => {
    const { wsUrl } = await startServer({ limits: { maxFrameBytes: 1000 } });
    const large = await openTower(`${wsUrl}/websocket/`);
    large.send("x".repeat(1001));
    expect((await large.end()).code).toBe(1009);
    const broken = await openTower(`${wsUrl}/websocket/`);
    // A text frame that is no UTF-8.
    Reflect.get(broken.webSocket, "_socket").write(
      Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
    );
    expect((await broken.end()).code).toBe(1007);
  });
});

describe("the reserved groups", () => {
  it("are nobody's, and an object without groups is no request", async () => {
    const client = await openIn({ broadcast: ["group_send"] });
    client.send('{"broadcast": ["group_send"]}');
    client.send('{"other": 1}');
    expect(await client.groups({})).toEqual({
      groups_current: [],
      groups_left: [],
      groups_joined: [],
    });
  });
});

describe("a request", () => {
  it("may name as many groups as a connection may have rooms, and then others", async () => {
    const client = await openIn({});
    const first = await client.groups({ job_events: [...Array(100).keys()] });
    expect(first.groups_joined).toHaveLength(100);
    const second = await client.groups({ job_events: [...Array(100).keys()].map((n) => n + 50) });
    expect(second.groups_left).toHaveLength(50);
    expect(second.groups_joined).toHaveLength(50);
    expect(second.groups_current).toHaveLength(100);
  });

  it("is handled after the one before it, however long that takes", async () => {
    const waiting: (() => void)[] = [];
    const canSee: CanSee = () => new Promise((resolve) => waiting.push(() => resolve(true)));
    const { wsUrl } = await startServer({}, { canSee });
    const client = await openTower(`${wsUrl}/websocket/`);
    client.ask({ job_events: [1, 2] });
    client.ask({ jobs: ["a"] });
    client.ask({ job_events: [3] });
    await until("the hook to be asked about both", () => waiting.length === 2);
    for (const answer of waiting.splice(0).reverse()) answer();
    expect(await client.next()).toContain('"groups_joined": ["job_events-1", "job_events-2"]');
    expect(await client.next()).toContain('"groups_joined": ["jobs-a"]');
    await until("the hook to be asked about the last", () => waiting.length === 1);
    expect(client.frames).toEqual([]);
    for (const answer of waiting) answer();
    expect(await client.next()).toContain('"groups_joined": ["job_events-3"]');
  });

  it("of a flood is answered in its order or refused, and the last one counts", async () => {
    const limits = { maxWaitingPushes: 10 };
    const canSee: CanSee = () => new Promise((resolve) => setTimeout(() => resolve(true), 50));
    const { wsUrl, commonroom } = await startServer({ limits }, { canSee });
    const client = await openTower(`${wsUrl}/websocket/`);
    for (let n = 1; n <= 50; n += 1) client.ask({ job_events: [n] });
    await until("fifty answers", () => client.frames.length === 50);
    const refused = client.frames.filter((text) => text.includes("too many requests waiting"));
    const joined = client.frames.flatMap((text) => /job_events-(\d+)"\]}$/.exec(text)?.[1] ?? []);
    expect(refused).toHaveLength(39);
    expect(joined).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
    expect(commonroom.status().rooms).toBe(1);
  });

  it("of a flood is answered in its order where nothing takes its time", async () => {
    const { wsUrl } = await startServer();
    const client = await openTower(`${wsUrl}/websocket/`);
    for (let n = 0; n < 5000; n += 1) client.ask({ job_events: [n] });
    await until("all answers", () => client.frames.length === 5000, 15_000);
    for (const [n, frame] of client.frames.entries()) {
      expect(frame).toContain(`"groups_joined": ["job_events-${n}"]`);
    }
  });

  it("that waits when the client goes has no effect", async () => {
    const waiting: (() => void)[] = [];
    const canSee: CanSee = () => new Promise((resolve) => waiting.push(() => resolve(true)));
    const { wsUrl, commonroom, logLines } = await startServer({}, { canSee });
    const client = await openTower(`${wsUrl}/websocket/`);
    client.ask({ job_events: [1] });
    client.ask({ jobs: ["a"] });
    await until("the hook to be asked", () => waiting.length === 1);
    client.webSocket.terminate();
    await until("the client to be gone", () => commonroom.status().connections === 0);
    for (const answer of waiting) answer();
    const other = await openTower(`${wsUrl}/websocket/`);
    await other.groups({ jobs: ["b"] });
    expect(commonroom.status().rooms).toBe(1);
    expect(logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe("the hook canSee", () => {
  it("is asked about each id of the six groups with ids, and about nothing else", async () => {
    const asked: unknown[] = [];
    const canSee: CanSee = (user, group, id) => {
      asked.push([user?.id, group, id]);
      return true;
    };
    const auth = { jwtSecret: secret };
    const { wsUrl } = await startServer({ auth }, { canSee });
    const client = await openTower(`${wsUrl}/websocket/?token=${tokenFor("*")}`);
    const keys = [
      "job_events",
      "ad_hoc_command_events",
      "workflow_events",
      "project_update_events",
      "inventory_update_events",
      "system_job_events",
    ];
    const resources = keys.map((key) => [key, [12345678901234567n]]);
    const text = `{"groups": {${resources.map(([key, id]) => `"${key}": [${id}]`)}, "jobs": ["a"], "other": [5]}}`;
    client.send(text);
    await client.next();
    expect(asked).toEqual(keys.map((key) => ["ann", key, "12345678901234567"]));
  });

  it("refuses by anything but true, and by an error, which is logged", async () => {
    const canSee: CanSee = (_user, _group, id) => {
      if (id === "1") throw new Error("boom");
      return (id === "2" ? "yes" : id === "3") as boolean;
    };
    const { wsUrl, logLines } = await startServer({}, { canSee });
    const client = await openTower(`${wsUrl}/websocket/`);
    const { groups_current } = await client.groups({ job_events: [1, 2, 3, 4] });
    expect(groups_current).toEqual(["job_events-3"]);
    expect(logLines.join()).toContain('"hook":"canSee"');
  });

  it("that refuses what it granted before makes the client leave", async () => {
    let isSeen = true;
    const { wsUrl, commonroom } = await startServer({}, { canSee: () => isSeen });
    const client = await openTower(`${wsUrl}/websocket/`);
    await client.groups({ job_events: [1], jobs: ["a"] });
    isSeen = false;
    client.ask({ job_events: [1], jobs: ["a"] });
    expect(await client.next()).toContain("for resource id 1");
    expect(await client.next()).toContain('"groups_left": ["job_events-1"]');
    commonroom.io.to("job_events-1").emit("message", {});
    commonroom.io.to("jobs-a").emit("message", { n: 1 });
    expect(await client.next()).toBe('{"n":1}');
  });

  it("is not passed by under another name of the room", async () => {
    const rooms = [{ match: "job_events-*", aliases: ["jobs-*", "job:*"] }];
    const { wsUrl } = await startServer({ rooms }, { canSee: (_user, _group, id) => id === "1" });
    const client = await openTower(`${wsUrl}/websocket/`);
    const { groups_current } = await client.groups({ jobs: [1, 2], job_events: [2] });
    expect(groups_current).toEqual(["jobs-1"]);
  });
});

describe("without hooks, a token", () => {
  it("opens the groups that it covers, and no others", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const token = tokenFor(["jobs-*", "job_events-42"]);
    const client = await openTower(`${wsUrl}/websocket/?token=${token}`);
    client.ask({ jobs: ["a"], job_events: [42, 43], schedules: ["changed"] });
    expect(await client.next()).toBe(
      '{"error": "access denied to channel job_events for resource id 43"}',
    );
    expect(await client.next()).toBe(
      '{"error": "access denied to channel schedules for resource id changed"}',
    );
    expect(await client.next()).toContain('"groups_current": ["jobs-a", "job_events-42"]');
  });

  it("that expires ends its groups with an error each, and opens none any more", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const client = await openTower(`${wsUrl}/websocket/?token=${tokenFor("*", "ann", 2)}`);
    await client.groups({ jobs: ["a"], job_events: [1] });
    const denied = [
      '{"error": "access denied to channel jobs for resource id a"}',
      '{"error": "access denied to channel job_events for resource id 1"}',
    ];
    expect([await client.next(), await client.next()].sort()).toEqual(denied.sort());
    client.ask({ jobs: ["a"] });
    expect(await client.next()).toBe(denied.at(-1));
    expect(await client.next()).toBe(
      '{"groups_current": [], "groups_left": [], "groups_joined": []}',
    );
  });
});

describe("two names of one room", () => {
  it("are one membership, which lasts as long as either is wanted", async () => {
    const rooms = [{ match: "job_events-*", aliases: ["old_events-*"] }];
    const { wsUrl, commonroom } = await startServer({ rooms });
    const client = await openTower(`${wsUrl}/websocket/`);
    const both = await client.groups({ job_events: [1], old_events: [1] });
    expect(both.groups_joined).toEqual(["job_events-1", "old_events-1"]);
    expect(await client.groups({ old_events: [1] })).toEqual({
      groups_current: ["old_events-1"],
      groups_left: ["job_events-1"],
      groups_joined: [],
    });
    commonroom.io.to("job_events-1").emit("message", { n: 1 });
    expect(await client.next()).toBe('{"n":1}');
    expect((await client.groups({ job_events: [1] })).groups_joined).toEqual(["job_events-1"]);
    expect((await client.groups({})).groups_left).toEqual(["job_events-1"]);
    expect(commonroom.status().rooms).toBe(0);
  });
});

function manyGroups(count: number): string {
  return JSON.stringify({ groups: { job_events: [...Array(count).keys()] } });
}
