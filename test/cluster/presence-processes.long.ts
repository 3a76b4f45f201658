import { describe, expect, it } from "vitest";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { PresenceMember } from "./presence-member.ts";
import { type PresenceNode, startPresenceNode } from "./presence-node.ts";

const SHORT_MS = 1500;
const LONG_MS = 10_000;

/** Nodes on one Redis, with a member each; nobody has heard anything that is still to be looked at. */
async function setUp(count: number, timeoutMs: number) {
  const redis = await startRedis();
  const start = (name: string) => startPresenceNode(redis.url, name, timeoutMs);
  const names = Array.from({ length: count }, (_, index) => `node${index}`);
  const nodes = (await Promise.all(names.map(start))) as [PresenceNode, PresenceNode, PresenceNode];
  const members = await Promise.all(
    nodes.map((node, index) => PresenceMember.join(node, `member${index}`)),
  );
  const all = members.map(({ name }) => name);
  for (const member of members) await member.sees(all);
  for (const { heard } of members) heard.length = 0;
  const [first, second] = members as [PresenceMember, PresenceMember];
  return { redis, start, nodes, members, first, second, all };
}

/** Waits for `ms` of the machine's own time, in which something must not happen. */
async function passes(ms: number): Promise<void> {
  const endMs = Date.now() + ms;
  await until("the time to pass", () => Date.now() >= endMs, ms + 1000);
}

describe("presence of nodes in processes of their own", () => {
  it("tells each member of each change on any node, exactly once", async () => {
    const { nodes, members, all } = await setUp(3, LONG_MS);
    const ann = await PresenceMember.join(nodes[0], "ann");
    expect(ann.view).toEqual(["ann", ...all]);
    for (const member of members) await member.sees(["ann", ...all]);
    await ann.leave();
    for (const member of members) await member.sees(all);
    for (const { heard } of members) expect(heard).toEqual(["+ann", "-ann"]);
  });

  it("of a node that was killed ends after the timeout, once", async () => {
    const { nodes, second } = await setUp(2, SHORT_MS);
    nodes[0].signal("SIGKILL");
    await passes(SHORT_MS / 2);
    expect(second.heard).toEqual([]);
    await second.sees(["member1"]);
    await passes(SHORT_MS);
    expect(second.heard).toEqual(["-member0"]);
  });

  it("of a node that is killed and started again, 20 times, is replaced at once each time", async () => {
    const { nodes, members, start } = await setUp(3, LONG_MS);
    const [killed, ...watchers] = members as [PresenceMember, PresenceMember, PresenceMember];
    let [node] = nodes;
    let former = killed.name;
    for (let round = 1; round <= 20; round += 1) {
      const others = watchers.map(({ name }) => name);
      const leaver = await PresenceMember.join(node, `leaver${round}`);
      const leaving = leaver.leave();
      node.signal("SIGKILL");
      await Promise.allSettled([node.ended, Promise.race([leaving, node.ended])]);
      node = await start("node0");
      for (const watcher of watchers) await watcher.sees(others, 3000);
      const name = `round${round}`;
      const again = await PresenceMember.join(node, name);
      expect(again.view).toEqual([...others, name].toSorted());
      for (const watcher of watchers) {
        await watcher.sees([...others, name]);
        const told = watcher.heard.filter((line) => !line.includes("leaver"));
        expect(told).toEqual([`-${former}`, `+${name}`]);
        watcher.heard.length = 0;
      }
      former = name;
    }
  }, 120_000);

  it.each([
    [SHORT_MS, 3 * SHORT_MS],
    [LONG_MS, 15_000],
  ])(
    "of a node that may be silent for %i ms, and is stopped for %i, ends, and comes back, once",
    async (timeoutMs, stoppedMs) => {
      const { nodes, first, second, all } = await setUp(2, timeoutMs);
      const stoppedAtMs = Date.now();
      nodes[0].signal("SIGSTOP");
      await second.sees(["member1"], timeoutMs + 5000);
      await PresenceMember.join(nodes[1], "meanwhile");
      await passes(stoppedAtMs + stoppedMs - Date.now());
      nodes[0].signal("SIGCONT");
      await second.sees([...all, "meanwhile"]);
      await first.sees([...all, "meanwhile"]);
      await passes(SHORT_MS * 2);
      expect(second.heard).toEqual(["-member0", "+meanwhile", "+member0"]);
      expect(first.heard).toEqual(["+meanwhile"]);
    },
    40_000,
  );

  it("of a node that is ended in good order ends long before the timeout", async () => {
    const { nodes, second } = await setUp(2, LONG_MS);
    nodes[0].signal("SIGTERM");
    await nodes[0].ended;
    await second.sees(["member1"], 1000);
    expect(second.heard).toEqual(["-member0"]);
  });

  it("goes on while Redis is paused for longer than the timeout", async () => {
    // Not as long as it takes a node to find Redis silent.
    const pauseMs = 2000;
    const { redis, nodes, members, all } = await setUp(2, pauseMs / 2);
    const backend = await connectBackend(redis.url);
    await backend.sendCommand(["CLIENT", "PAUSE", String(pauseMs), "ALL"]);
    const late = await PresenceMember.join(nodes[0], "late");
    await passes(pauseMs);
    for (const member of [...members, late]) await member.sees([...all, "late"]);
    for (const { heard } of members) expect(heard).toEqual(["+late"]);
  });

  it("goes on while Redis is away, and is right again once it is back", async () => {
    const { redis, nodes, first, second, all } = await setUp(2, SHORT_MS);
    await redis.stop();
    const late = await PresenceMember.join(nodes[0], "late");
    await first.leave();
    await passes(SHORT_MS * 2);
    expect(second.view).toEqual(all);
    await redis.start();
    // All that are left are told to join again, and do.
    await second.sees(["late", "member1"], 10_000);
    await late.sees(["late", "member1"], 10_000);
    await passes(SHORT_MS);
    await second.sees(["late", "member1"]);
  });
});
