import { describe, expect, it } from "vitest";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { stores } from "../../records/stores.ts";
import { identities } from "../../support/colonies-signing.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until } from "../../support/until.ts";
import {
  assign,
  COLONY,
  failure,
  type Node,
  openNodeRecords,
  startNode,
  submit,
} from "./api-scene.ts";

const { executor, user } = identities;

describe.each(stores)("Time limits over %s", (store) => {
  /** Two nodes, which both look at the time. */
  async function start() {
    const clock = new ManualClock();
    const records = await openNodeRecords(store, 2, clock);
    const [node, other] = records.map((each) => startNode(each, { clock }));
    if (node === undefined || other === undefined) throw new Error("no nodes");
    const changes: Process[] = [];
    node.processes.watch((_id, process) => {
      if (process !== undefined) changes.push(process);
    });
    return { clock, node, other, changes };
  }

  /** Asserts that nothing becomes of a process although its nodes look. */
  async function staysIn(node: Node, process: Process, state: number): Promise<void> {
    const kept = await node.processes.find(process.processid);
    expect(kept).toMatchObject({ state });
  }

  function comesTo(node: Node, { processid }: Process, state: number): Promise<Process> {
    return until(`state ${state}`, async () => {
      const process = await node.processes.find(processid);
      return process?.state === state ? process : undefined;
    });
  }

  it("let a process fail that waits for too long, once", async () => {
    const { clock, node, changes } = await start();
    const process = await submit(node, { maxwaittime: 5 });
    const other = await submit(node, { maxwaittime: 6 });
    clock.advance(4000);
    await staysIn(node, process, 0);
    clock.advance(1000);
    const ended = await comesTo(node, process, 3);
    expect(ended).toMatchObject({
      errors: ["Maximum waiting time limit exceeded"],
      isassigned: false,
    });
    expect(Date.parse(ended.endtime)).toBe(clock.now());
    clock.advance(1000);
    await comesTo(node, other, 3);
    await until("all changes", () => changes.length >= 4);
    expect(changes.map(({ state }) => state)).toEqual([0, 0, 3, 3]);
    expect(
      await node.ask("closesuccessfulmsg", { processid: process.processid, out: [] }, executor),
    ).toEqual(failure(403, "Failed to close process as successful, process is not assigned"));
  });

  it("let a process fail that runs for too long", async () => {
    const { clock, node, other } = await start();
    const process = await submit(node, { maxwaittime: 3, maxexectime: 5 });
    clock.advance(2000);
    await assign(other);
    clock.advance(4000);
    await staysIn(node, process, 1);
    clock.advance(1000);
    expect(await comesTo(node, process, 3)).toMatchObject({
      errors: ["Maximum execution time limit exceeded"],
      assignedexecutorid: executor.id,
      retries: 0,
    });
    expect(
      await node.ask("closesuccessfulmsg", { processid: process.processid, out: [] }, executor),
    ).toEqual(failure(400, "Tried to set failed process as successful"));
  });

  it("let a process wait again as often as it may be retried, in its old place", async () => {
    const { clock, node, changes } = await start();
    const process = await submit(node, { maxwaittime: 60, maxexectime: 2, maxretries: 2 });
    for (const retries of [0, 1]) {
      await assign(node);
      await submit(node);
      clock.advance(2000);
      expect(await comesTo(node, process, 0)).toMatchObject({
        retries: retries + 1,
        isassigned: false,
        assignedexecutorid: "",
        starttime: "0001-01-01T00:00:00Z",
        execdeadline: "0001-01-01T00:00:00Z",
        submissiontime: process.submissiontime,
        prioritytime: process.prioritytime,
        errors: [],
      });
      const waiting = await node.processes.find(process.processid);
      expect(Date.parse(waiting?.waitdeadline ?? "")).toBe(clock.now() + 60_000);
    }
    expect(await assign(node)).toMatchObject({ processid: process.processid, retries: 2 });
    clock.advance(2000);
    expect(await comesTo(node, process, 3)).toMatchObject({
      errors: ["Maximum execution time limit exceeded"],
      retries: 2,
    });
    const states = (): number[] =>
      changes.filter(({ processid }) => processid === process.processid).map(({ state }) => state);
    await until("all changes", () => states().length >= 7);
    expect(states()).toEqual([0, 1, 0, 1, 0, 1, 3]);
  });

  it("try for ever where retries have no limit", async () => {
    const { clock, node } = await start();
    const process = await submit(node, { maxexectime: 1, maxretries: -1 });
    for (let retries = 1; retries <= 4; retries += 1) {
      await assign(node);
      clock.advance(1000);
      expect(await comesTo(node, process, 0)).toMatchObject({ retries });
    }
  });

  it("are none where they are 0, absent or negative", async () => {
    const { clock, node } = await start();
    for (const limits of [{}, { maxwaittime: 0, maxexectime: 0 }, { maxwaittime: -1 }]) {
      const process = await submit(node, limits);
      clock.advance(3_600_000);
      await staysIn(node, process, 0);
      await assign(node);
      clock.advance(3_600_000);
      await staysIn(node, process, 1);
      await node.get("closesuccessfulmsg", { processid: process.processid, out: [] }, executor);
    }
    const negative = await submit(node, { maxexectime: -5 });
    await assign(node);
    clock.advance(3_600_000);
    await staysIn(node, negative, 1);
  });

  it("end with the process", async () => {
    const { clock, node } = await start();
    const process = await submit(node, { maxwaittime: 2, maxexectime: 2 });
    await assign(node);
    await node.get("closesuccessfulmsg", { processid: process.processid, out: [1] }, executor);
    clock.advance(5000);
    await staysIn(node, process, 2);
    expect(await node.get("getstatisticsmsg", {}, identities.server)).toMatchObject({
      failedprocesses: 0,
    });
  });

  it("do not fill the storage with what has ended: the oldest goes first", async () => {
    const clock = new ManualClock();
    const [records] = await openNodeRecords(store, 1, clock);
    if (records === undefined) throw new Error("no records");
    const node = startNode(records, { clock, settings: { maxEndedProcesses: 2 } });
    const ended: Process[] = [];
    for (let made = 0; made < 4; made += 1) {
      await submit(node);
      const process = await assign(node);
      await node.get("closesuccessfulmsg", { processid: process.processid, out: [] }, executor);
      ended.push(process);
    }
    clock.advance(1000);
    await until("the oldest to be gone", async () => (await node.processes.count(2)) === 2);
    const found = await Promise.all(ended.map(({ processid }) => node.processes.find(processid)));
    expect(found.map((process) => process !== undefined)).toEqual([false, false, true, true]);
  });
});

describe("A process whose time is over", () => {
  it("is ended by no node that has stopped", async () => {
    const clock = new ManualClock();
    const [records] = await openNodeRecords("memory", 1, clock);
    if (records === undefined) throw new Error("no records");
    const node = startNode(records, { clock });
    const { processid } = await submit(node, { maxwaittime: 1 });
    node.deadlines.stop();
    node.deadlines.stop();
    clock.advance(5000);
    // In memory, everything that is to come of it comes within the turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await node.processes.find(processid)).toMatchObject({ state: 0 });
    const other = startNode(records, { clock });
    clock.advance(1000);
    await until("the other node to end it", async () => {
      return (await other.processes.find(processid))?.state === 3;
    });
  });

  it("is given to nobody, although nobody has looked at the time yet", async () => {
    const clock = new ManualClock();
    // The clock's timers stand still, its time does not.
    const [records] = await openNodeRecords("memory", 1, clock);
    if (records === undefined) throw new Error("no records");
    const node = startNode(records, { clock });
    const over = await submit(node, { maxwaittime: 2 });
    const next = await submit(node);
    clock.shift(2000);
    expect(await assign(node)).toMatchObject({ processid: next.processid });
    expect(await node.get("getprocessmsg", { processid: over.processid }, user)).toMatchObject({
      state: 3,
      errors: ["Maximum waiting time limit exceeded"],
    });
    const listed = { colonyname: COLONY, count: 1, state: 0 };
    expect(await node.get("getprocessesmsg", listed, user)).toBeNull();
  });
});
