import { describe, expect, it } from "vitest";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { type RecordStore, RecordsUnavailable } from "../../../server/records/record-store.ts";
import { openRedisNode, stores } from "../../records/stores.ts";
import { identities, identityOf } from "../../support/colonies-signing.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until, within } from "../../support/until.ts";
import {
  type Answer,
  assign,
  COLONY,
  failure,
  type Node,
  openNodeRecords,
  startNode,
  startOneNode,
  submit,
  TYPE,
} from "./api-scene.ts";

const { colony, executor, user, one } = identities;
const NONE = failure(404, "No process available for assignment");
const exec1 = { colony: COLONY, name: "exec1", type: TYPE, id: executor.id };

function ask(node: Node, timeout: number, by = executor, signal?: AbortSignal): Promise<Answer> {
  return node.ask("assignprocessmsg", { colonyname: COLONY, timeout }, by, signal);
}

/** Resolves once a number of executors sleep at a node. */
function waitingAt(node: Node, count: number): Promise<unknown> {
  return until(`${count} executors to wait`, () => node.assignments.waiting === count);
}

function idIn({ inner }: Answer): string {
  return (inner as Process).processid;
}

describe.each(stores)("Assigning over %s", (store) => {
  it("gives the most urgent process first, and of equal ones the first submitted", async () => {
    const node = await startOneNode(store);
    const submitted: Process[] = [];
    for (const priority of [0, 0, 1, -1, 0, 1]) submitted.push(await submit(node, { priority }));
    const assigned: string[] = [];
    for (let count = 0; count < 6; count += 1) assigned.push((await assign(node)).processid);
    const order = [2, 5, 0, 1, 4, 3].map((at) => submitted[at]?.processid);
    expect(assigned).toEqual(order);
    expect(await ask(node, -1)).toEqual(NONE);
  });

  it("keeps the order of what is submitted within one millisecond", async () => {
    const clock = new ManualClock();
    const node = await startOneNode(store, { clock });
    const submitted: string[] = [];
    for (let count = 0; count < 30; count += 1) submitted.push((await submit(node)).processid);
    const assigned: string[] = [];
    for (let count = 0; count < 30; count += 1) assigned.push((await assign(node)).processid);
    expect(assigned).toEqual(submitted);
  });

  it("wakes the executor that waits, and only one for each process", async () => {
    const executors = [1, 2, 3].map((number) => ({
      ...exec1,
      name: `e${number}`,
      id: identityOf(number).id,
    }));
    const node = await startOneNode(store, { settings: { executors } });
    const answers: Answer[] = [];
    const asked = [1, 2, 3].map(async (number) => {
      answers.push(await ask(node, 60, identityOf(number)));
    });
    await waitingAt(node, 3);
    const first = await submit(node);
    await until("the first answer", () => answers.length === 1);
    const others = [await submit(node), await submit(node)];
    await within("all answers", Promise.all(asked));
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(idIn))).toEqual(
      new Set([first, ...others].map(({ processid }) => processid)),
    );
    expect(new Set(answers.map(({ inner }) => (inner as Process).assignedexecutorid)).size).toBe(3);
    expect(node.assignments.waiting).toBe(0);
  });

  it("looks at type, name and colony", async () => {
    const executors = [
      exec1,
      { colony: COLONY, name: "b", type: TYPE, id: identityOf(1).id },
      { colony: COLONY, name: "c", type: "other", id: identityOf(2).id },
      { colony: "second", name: "d", type: TYPE, id: identityOf(3).id },
      // One key, two executors.
      { colony: COLONY, name: "e", type: "fifth", id: identityOf(2).id },
    ];
    const colonies = [COLONY, "second"].map((name) => ({ name, id: colony.id }));
    const node = await startOneNode(store, { settings: { executors, colonies } });
    const named = await submit(node, {}, { executornames: ["b", "z", "b"] });
    const other = await submit(node, {}, { executortype: "other" });
    const fifth = await submit(node, { priority: 1 }, { executortype: "fifth" });
    expect(await ask(node, -1)).toEqual(NONE);
    const elsewhere = { colonyname: "second", timeout: -1 };
    expect(await node.ask("assignprocessmsg", elsewhere, identityOf(3))).toEqual(NONE);
    expect(idIn(await ask(node, -1, identityOf(1)))).toBe(named.processid);
    expect(await ask(node, -1, identityOf(1))).toEqual(NONE);
    expect(idIn(await ask(node, -1, identityOf(2)))).toBe(fifth.processid);
    expect(idIn(await ask(node, -1, identityOf(2)))).toBe(other.processid);
    // What was taken is in no index any longer.
    expect(await ask(node, -1, identityOf(2))).toEqual(NONE);
  });

  it("answers what is refused in the words that clients know", async () => {
    const node = await startOneNode(store);
    const notMember = `Access denied, not a member of Colony with name ${COLONY}`;
    expect(await ask(node, 0)).toEqual(
      failure(400, "Invalid timeout value, timeout cannot be zero"),
    );
    expect(await ask(node, 10, user)).toEqual(
      failure(500, "Failed to assign process, executor not found"),
    );
    expect(await ask(node, 10, one)).toEqual(failure(403, notMember));
    expect(await node.ask("assignprocessmsg", { colonyname: "x", timeout: 10 }, executor)).toEqual(
      failure(403, "Colony with name x does not exists"),
    );
    expect(await ask(node, -1)).toEqual(NONE);
  });

  it("gives 200 processes to 20 executors at two nodes, each exactly once", async () => {
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const executors = numbers.map((number) => ({
      ...exec1,
      name: `e${number}`,
      id: identityOf(number).id,
    }));
    const records = await openNodeRecords(store, 2);
    const nodes = records.map((each) => startNode(each, { settings: { executors } }));
    const nodeOf = (number: number): Node => {
      const node = nodes[number % nodes.length];
      if (node === undefined) throw new Error("no node");
      return node;
    };
    const assigned: string[] = [];
    const run = async (number: number): Promise<void> => {
      while (assigned.length < 200) {
        const answer = await ask(nodeOf(number), 2, identityOf(number));
        if (answer.status !== 200) {
          expect(answer).toEqual(NONE);
          continue;
        }
        assigned.push(idIn(answer));
        const out = { processid: idIn(answer), out: [] };
        await nodeOf(number).get("closesuccessfulmsg", out, identityOf(number));
      }
    };
    const running = numbers.map(run);
    const submitted: string[] = [];
    for (let count = 0; count < 200; count += 1) {
      submitted.push((await submit(nodeOf(count))).processid);
    }
    await within("all processes to run", Promise.all(running), 30_000);
    expect(assigned).toHaveLength(200);
    expect(new Set(assigned)).toEqual(new Set(submitted));
    const [node] = nodes;
    expect(await node?.get("getstatisticsmsg", {}, identities.server)).toMatchObject({
      waitingprocesses: 0,
      runningprocesses: 0,
      successfulprocesses: 200,
    });
    expect(nodes.flatMap(({ crashes }) => crashes)).toEqual([]);
  }, 60_000);
});

describe("An executor that waits", () => {
  it("is told when its time is up", async () => {
    const clock = new ManualClock();
    const node = await startOneNode("memory", { clock });
    let answer: Answer | undefined;
    const asked = ask(node, 10).then((given) => {
      answer = given;
    });
    await waitingAt(node, 1);
    clock.advance(9999);
    expect(answer).toBeUndefined();
    clock.advance(1);
    await within("the answer", asked);
    expect(answer).toEqual(NONE);
    expect(node.assignments.waiting).toBe(0);
  });

  it("waits for an hour at most", async () => {
    const clock = new ManualClock();
    const node = await startOneNode("memory", { clock });
    const asked = ask(node, Number.MAX_SAFE_INTEGER);
    await waitingAt(node, 1);
    clock.advance(3_600_000);
    expect(await within("the answer", asked)).toEqual(NONE);
  });

  it("gets no process once its client is gone: the next one does", async () => {
    const executors = [exec1, { ...exec1, name: "b", id: one.id }];
    // Nobody looks again by the clock.
    const node = await startOneNode("memory", {
      settings: { executors },
      clock: new ManualClock(),
    });
    const gone = new AbortController();
    const asked = ask(node, 60, executor, gone.signal);
    await waitingAt(node, 1);
    const second = ask(node, 60, one);
    await waitingAt(node, 2);
    // Both at once: the first is called, and gone before it looks.
    const submission = submit(node);
    const end = node.processes.watch(() => gone.abort());
    const { processid } = await submission;
    end();
    expect(idIn(await within("the second executor's answer", second))).toBe(processid);
    expect(await asked).toMatchObject({ status: 499 });
    expect(await node.processes.find(processid)).toMatchObject({ assignedexecutorid: one.id });
  });

  it("leaves what it has found to the next one, where its client goes meanwhile", async () => {
    const [records] = await openNodeRecords("memory");
    if (records === undefined) throw new Error("no records");
    const gone = new AbortController();
    const executors = [exec1, { ...exec1, name: "b", id: one.id }];
    const node = startNode(
      changed(records, {
        list: async (...listing) => {
          const found = await records.list(...listing);
          if (listing[0].includes("waiting") && found.length > 0) gone.abort();
          return found;
        },
      }),
      { settings: { executors }, clock: new ManualClock() },
    );
    const owners: string[] = [];
    node.processes.watch((_id, process) => owners.push(process?.assignedexecutorid ?? ""));
    const asked = ask(node, 60, executor, gone.signal);
    await waitingAt(node, 1);
    const second = ask(node, 60, one);
    await waitingAt(node, 2);
    await submit(node);
    expect(await within("the second executor's answer", second)).toMatchObject({ status: 200 });
    expect(await asked).toMatchObject({ status: 499 });
    await until("both changes", () => owners.length >= 2);
    expect(owners).toEqual(["", one.id]);
  });

  it("gets no process where its client was gone before it asked", async () => {
    const node = await startOneNode("memory");
    await submit(node);
    expect(await ask(node, 10, executor, AbortSignal.abort())).toMatchObject({ status: 499 });
    expect(await node.processes.count(0)).toBe(1);
  });

  it("leaves a process that was taken while its client went", async () => {
    const [records] = await openNodeRecords("memory");
    if (records === undefined) throw new Error("no records");
    const gone = new AbortController();
    const node = startNode(
      changed(records, {
        write: async (change) => {
          if (change.version === 1) gone.abort();
          return records.write(change);
        },
      }),
    );
    const { processid } = await submit(node);
    expect(await ask(node, 10, executor, gone.signal)).toMatchObject({ status: 499 });
    const process = await node.processes.find(processid);
    expect(process).toMatchObject({ state: 0, isassigned: false, retries: 0 });
    expect(await assign(node)).toMatchObject({ processid });
  });

  it("looks again each second, in case a word was lost", async () => {
    const clock = new ManualClock();
    const [records] = await openNodeRecords("memory", 1, clock);
    if (records === undefined) throw new Error("no records");
    const deaf = startNode(changed(records, { watch: () => () => {} }), { clock });
    const asked = ask(deaf, 60);
    await waitingAt(deaf, 1);
    const { processid } = await submit(startNode(records, { clock }));
    clock.advance(1000);
    expect(idIn(await within("the answer", asked))).toBe(processid);
  });

  it("gets what is submitted while it looks", async () => {
    const [records] = await openNodeRecords("memory");
    if (records === undefined) throw new Error("no records");
    const clock = new ManualClock();
    const other = startNode(records, { clock });
    let submission: Promise<Process> | undefined;
    const node = startNode(
      changed(records, {
        list: async (...listing) => {
          const found = await records.list(...listing);
          // Right after nothing was found, and before it is known.
          if (listing[0].includes("waiting")) {
            submission ??= submit(other);
            await submission;
          }
          return found;
        },
      }),
      { clock },
    );
    const answer = await within("the answer", ask(node, 60));
    expect(idIn(answer)).toBe((await submission)?.processid);
  });

  it("gets nothing after it was removed", async () => {
    const node = await startOneNode("memory", { settings: { executors: [] } });
    const added = { executorid: executor.id, executorname: "e", executortype: TYPE };
    await node.get("addexecutormsg", { executor: { ...added, colonyname: COLONY } }, colony);
    const named = { colonyname: COLONY, executorname: "e" };
    await node.get("approveexecutormsg", named, colony);
    const asked = ask(node, 60);
    await waitingAt(node, 1);
    await node.get("removeexecutormsg", named, colony);
    const { processid } = await submit(node);
    expect(await within("the answer", asked)).toMatchObject({ status: 403 });
    expect(await node.processes.find(processid)).toMatchObject({ state: 0 });
  });

  it("is one of as many as the settings say", async () => {
    const node = await startOneNode("memory", { settings: { maxWaitingAssigns: 1 } });
    const asked = ask(node, 60);
    await waitingAt(node, 1);
    expect(await ask(node, 60)).toEqual(
      failure(503, "Failed to assign process, too many executors are waiting"),
    );
    expect(await ask(node, -1)).toEqual(NONE);
    await submit(node);
    expect(await within("the answer", asked)).toMatchObject({ status: 200 });
  });

  it("is told when the server stops", async () => {
    const node = await startOneNode("memory");
    const asked = ask(node, 60);
    await waitingAt(node, 1);
    node.assignments.stop();
    node.assignments.stop();
    const stopping = failure(503, "Failed to assign process, the server is stopping");
    expect(await within("the answer", asked)).toEqual(stopping);
    expect(await ask(node, 60)).toEqual(stopping);
  });
});

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

/** Records of which some methods do something else. */
function changed(records: RecordStore, changes: Partial<RecordStore>): RecordStore {
  return {
    read: (key) => records.read(key),
    write: (change) => records.write(change),
    remove: (key, version) => records.remove(key, version),
    list: (index, listing) => records.list(index, listing),
    count: (index) => records.count(index),
    watch: (listener) => records.watch(listener),
    stop: () => records.stop(),
    ...changes,
  };
}
