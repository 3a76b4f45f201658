import { describe, expect, it } from "vitest";
import { RecordsUnavailable } from "../../../server/records/record-store.ts";
import { openRedisNode } from "../../records/stores.ts";
import { identities } from "../../support/colonies-signing.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, within } from "../../support/until.ts";
import { assign, COLONY, failure, openNodeRecords, startNode, submit } from "./api-scene.ts";
import { ask, changed, waitingAt } from "./assign-scene.ts";

const { user } = identities;

describe("Records that cannot be reached", () => {
  it("are told to all who ask, and found again when Redis is back", async () => {
    const redis = await startRedis();
    const { records } = await openRedisNode(redis.url);
    const node = startNode(records);
    const unreachable = failure(503, "Failed to assign process, storage not reachable");
    const asked = ask(node, 60);
    await waitingAt(node, 1);
    await redis.stop();
    expect(await within("the answer", asked)).toEqual(unreachable);
    expect(await within("the answer", ask(node, 60))).toEqual(unreachable);
    await redis.start();
    const { processid } = await until("Redis to be found again", () =>
      submit(node).catch(() => undefined),
    );
    expect(await assign(node)).toMatchObject({ processid });
    expect(node.crashes).toEqual([]);
  });

  it("are named as the reason, and nothing else is told", async () => {
    const [records] = await openNodeRecords("memory");
    if (records === undefined) throw new Error("no records");
    const away = (): Promise<never> => Promise.reject(new RecordsUnavailable("at /secret/place"));
    const node = startNode(changed(records, { read: away, list: away, count: away, write: away }));
    expect(await ask(node, 10)).toEqual(
      failure(503, "Failed to assign process, storage not reachable"),
    );
    expect(await node.ask("getprocessmsg", { processid: "a".repeat(64) }, user)).toEqual(
      failure(503, "Failed to get process, storage not reachable"),
    );
    expect(await node.ask("getusersmsg", { colonyname: COLONY }, user)).toEqual(
      failure(503, "Failed to get users, storage not reachable"),
    );
    expect(node.crashes).toEqual([]);
    expect(node.assignments.waiting).toBe(0);
  });

  it("and faults of the server's own are different things", async () => {
    const [records] = await openNodeRecords("memory");
    if (records === undefined) throw new Error("no records");
    const fault = new Error("at /secret/place");
    const node = startNode(changed(records, { list: () => Promise.reject(fault) }));
    expect(await node.ask("getusersmsg", { colonyname: COLONY }, user)).toEqual(
      failure(500, "Failed to get users, internal error"),
    );
    expect(node.crashes).toEqual([fault]);
  });
});
