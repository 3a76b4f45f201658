import { describe, expect, it } from "vitest";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { stores } from "../../records/stores.ts";
import { identities, identityOf } from "../../support/colonies-signing.ts";
import { ManualClock } from "../../support/manual-clock.ts";
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
import { ask, exec1, idIn, NONE, waitingAt } from "./assign-scene.ts";

const { colony, executor, user, one } = identities;

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
