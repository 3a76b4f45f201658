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
  openNodeRecords,
  specOf,
  startNode,
  startOneNode,
  submit,
  TYPE,
} from "./api-scene.ts";
import { idOf, listed } from "./processes-scene.ts";

const { colony, executor, user } = identities;
const NO_TIME = "0001-01-01T00:00:00Z";

describe.each(stores)("Processes over %s", (store) => {
  it("wait once they were submitted, with every member that clients know", async () => {
    const node = await startOneNode(store);
    const beforeMs = Date.now();
    const process = await submit(node, {
      kwargs: { prompt: "Hello" },
      maxwaittime: 60,
      maxexectime: 300,
      priority: 2,
      channels: ["chat", "chat", "output"],
    });
    expect(process).toMatchObject({
      processid: expect.stringMatching(/^[0-9a-f]{64}$/),
      initiatorid: user.id,
      initiatorname: "alice",
      assignedexecutorid: "",
      isassigned: false,
      state: 0,
      starttime: NO_TIME,
      endtime: NO_TIME,
      execdeadline: NO_TIME,
      retries: 0,
      attributes: [],
      waitforparents: false,
      parents: [],
      children: [],
      processgraphid: "",
      in: [],
      out: [],
      errors: [],
      spec: {
        funcname: "chat-handler",
        kwargs: { prompt: "Hello" },
        channels: ["chat", "output"],
        conditions: { colonyname: COLONY, executortype: TYPE, executornames: [] },
      },
    });
    const submittedMs = Date.parse(process.submissiontime);
    expect(submittedMs).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(process.waitdeadline)).toBe(submittedMs + 60_000);
    const nanoseconds = submittedMs * 1e6 - 2 * 86_400e9;
    expect(Math.abs(process.prioritytime - nanoseconds)).toBeLessThan(1e6);
    expect(await node.get("getprocessmsg", idOf(process), user)).toEqual(process);
    expect(await node.get("getprocessmsg", idOf(process), executor)).toEqual(process);
  });

  it("run, and end with what their executor says", async () => {
    const node = await startOneNode(store);
    const first = await submit(node, { maxexectime: 300 });
    const second = await submit(node);
    const running = await assign(node);
    expect(running).toMatchObject({
      ...idOf(first),
      state: 1,
      isassigned: true,
      assignedexecutorid: executor.id,
    });
    const startMs = Date.parse(running.starttime);
    expect(Date.parse(running.execdeadline)).toBe(startMs + 300_000);
    expect(await node.get("getprocessesmsg", listed(1), user)).toEqual([running]);
    const out = ["done", { n: 1 }, null];
    expect(await node.get("closesuccessfulmsg", { ...idOf(first), out }, executor)).toEqual({});
    expect(await node.get("getprocessmsg", idOf(first), user)).toMatchObject({
      state: 2,
      isassigned: true,
      assignedexecutorid: executor.id,
      endtime: expect.stringMatching(/^20/),
      out,
      errors: [],
    });
    expect(await assign(node)).toMatchObject({ ...idOf(second), execdeadline: NO_TIME });
    const errors = ["boom", "bang"];
    expect(await node.get("closefailedmsg", { ...idOf(second), errors }, executor)).toEqual({});
    const ended = await node.get("getprocessmsg", idOf(second), user);
    expect(ended).toMatchObject({ state: 3, errors, out: [] });
  });

  it("are listed by state, the last submitted first, at most as many as asked for", async () => {
    const node = await startOneNode(store);
    expect(await node.get("getprocessesmsg", listed(0), user)).toBeNull();
    const submitted: Process[] = [];
    for (let count = 0; count < 5; count += 1) submitted.push(await submit(node));
    expect(await node.get("getprocessesmsg", listed(0), user)).toEqual(submitted.toReversed());
    expect(await node.get("getprocessesmsg", listed(0, 2), user)).toEqual(
      submitted.slice(3).toReversed(),
    );
    for (const state of [1, 2, 3, 4]) {
      expect(await node.get("getprocessesmsg", listed(state), user)).toBeNull();
    }
  });

  it("may be as urgent and have channels as long as the limits say", async () => {
    const node = await startOneNode(store);
    const channels = ["c".repeat(182), "é:/ \u{1f600}"];
    const process = await submit(node, { channels, priority: -50_000, maxwaittime: 2 ** 53 - 1 });
    expect(process).toMatchObject({ spec: { channels }, waitdeadline: NO_TIME });
    const urgent = await submit(node, { priority: 50_000, maxexectime: -1, maxretries: -1 });
    expect(await assign(node)).toMatchObject({ ...idOf(urgent), execdeadline: NO_TIME });
    expect(await assign(node)).toMatchObject(idOf(process));
  });

  it("that wait or run are as many as the limit of the colony says", async () => {
    const node = await startOneNode(store, { settings: { maxProcesses: 2 } });
    const first = await submit(node);
    await assign(node);
    await submit(node);
    expect(await node.ask("submitfuncspecmsg", specOf(), user)).toEqual(
      failure(400, "Failed to submit process, too many processes wait or run in the Colony"),
    );
    await node.get("closesuccessfulmsg", { ...idOf(first), out: [] }, executor);
    await submit(node);
  });

  it("are removed one by one, or all of a state, or all", async () => {
    const node = await startOneNode(store);
    const removed = await submit(node);
    expect(await node.get("removeprocessmsg", { ...idOf(removed), all: false }, user)).toEqual({});
    expect(await node.ask("getprocessmsg", idOf(removed), user)).toMatchObject({ status: 404 });
    const running = await submit(node);
    await assign(node);
    await submit(node);
    const all = { colonyname: COLONY };
    await node.get("removeallprocessesmsg", { ...all, state: 0 }, colony);
    expect(await node.get("getprocessesmsg", listed(0), user)).toBeNull();
    expect(await node.get("getprocessmsg", idOf(running), user)).toMatchObject({ state: 1 });
    await node.get("removeallprocessesmsg", { ...all, state: 4 }, colony);
    await node.get("removeallprocessesmsg", { ...all, state: -1 }, colony);
    expect(await node.ask("getprocessmsg", idOf(running), user)).toMatchObject({ status: 404 });
  });

  it("tell those who watch them of each change, until they watch no longer", async () => {
    const node = await startOneNode(store);
    const seen: [string, number | undefined][] = [];
    const end = node.processes.watch((id, process) => seen.push([id, process?.state]));
    const { processid } = await submit(node);
    await assign(node);
    await node.get("closesuccessfulmsg", { processid, out: [] }, executor);
    await node.get("removeprocessmsg", { processid }, user);
    await until("four changes", () => seen.length >= 4);
    const states = [0, 1, 2, undefined];
    expect(seen).toEqual(states.map((state) => [processid, state]));
    end();
    end();
    const other = node.processes.watch(() => {
      throw new Error("a listener's own fault");
    });
    await submit(node);
    await until("the fault to be told", () => node.crashes.length > 0);
    expect(seen).toHaveLength(4);
    other();
  });

  it("are there again on another node, also after the first one has ended", async () => {
    const [records, others] = await openNodeRecords(store, 2);
    if (!records || !others) throw new Error("no records");
    const node = startNode(records);
    const running = await submit(node, { channels: ["chat"] });
    await assign(node);
    const waiting = await submit(node);
    node.assignments.stop();
    node.processes.stop();
    records.stop();
    const again = startNode(others);
    expect(await again.get("getprocessmsg", idOf(running), user)).toMatchObject({
      state: 1,
      assignedexecutorid: executor.id,
      spec: { channels: ["chat"] },
    });
    expect(await assign(again)).toMatchObject(idOf(waiting));
    await again.get("closesuccessfulmsg", { ...idOf(running), out: [] }, executor);
    expect(await again.get("getprocessesmsg", listed(2), user)).toHaveLength(1);
  });
});

describe("A process that has ended", () => {
  it("is kept as long as the settings say, and then is gone everywhere", async () => {
    const clock = new ManualClock();
    const node = await startOneNode("memory", { clock, settings: { keepEndedMs: 60_000 } });
    const process = await submit(node);
    await assign(node);
    await node.get("closesuccessfulmsg", { ...idOf(process), out: [] }, executor);
    clock.advance(59_999);
    expect(await node.get("getprocessesmsg", listed(2), user)).toHaveLength(1);
    clock.advance(1);
    expect(await node.get("getprocessesmsg", listed(2), user)).toBeNull();
    expect(await node.ask("getprocessmsg", idOf(process), user)).toMatchObject({ status: 404 });
    expect(await node.get("getstatisticsmsg", {}, identities.server)).toMatchObject({
      successfulprocesses: 0,
    });
  });
});
