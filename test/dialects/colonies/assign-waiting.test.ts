import { describe, expect, it } from "vitest";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { identities } from "../../support/colonies-signing.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until, within } from "../../support/until.ts";
import {
  type Answer,
  assign,
  COLONY,
  failure,
  openNodeRecords,
  startNode,
  startOneNode,
  submit,
  TYPE,
} from "./api-scene.ts";
import { ask, changed, exec1, idIn, NONE, waitingAt } from "./assign-scene.ts";

const { colony, executor, one } = identities;

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
