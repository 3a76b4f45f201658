import { describe, expect, it } from "vitest";
import type { Demand } from "../../../server/dialects/colonies/processes/assignment-taker.ts";
import {
  DEADLINES,
  waitingIndex,
} from "../../../server/dialects/colonies/processes/process-record.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until, within } from "../../support/until.ts";
import { COLONY, openNodeRecords, startNode, submit, TYPE } from "./api-scene.ts";
import { changed, waitingAt } from "./assign-scene.ts";

const IDLE = 100;

/** A node whose executors wait for work of their type, and hear of none; reads are counted. */
async function startIdle() {
  const clock = new ManualClock();
  const [records] = await openNodeRecords("memory", 1, clock);
  if (records === undefined) throw new Error("no records");
  const counted = { reads: 0 };
  const deaf = startNode(
    changed(records, {
      watch: () => () => {},
      list: (...listing) => {
        if (listing[0] !== DEADLINES) counted.reads += 1;
        return records.list(...listing);
      },
    }),
    { clock },
  );
  const executors = Array.from({ length: IDLE }, (_, index) => {
    const demand: Demand = {
      executorId: `id ${index}`,
      indexes: [waitingIndex(COLONY, TYPE), waitingIndex(COLONY, TYPE, `e${index}`)],
      check: async () => undefined,
    };
    return deaf.assignments.assign(demand, 3600, new AbortController().signal);
  });
  await waitingAt(deaf, IDLE);
  await until("all to have looked", () => counted.reads === 2 * IDLE);
  counted.reads = 0;
  return { clock, executors, counted, other: startNode(records, { clock }) };
}

/** Lets a second pass, and what it leads to. */
async function pass(clock: ManualClock): Promise<void> {
  clock.advance(1000);
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("Executors that wait and have nothing to do", () => {
  it("cost one look at the processes each second, however many they are", async () => {
    const { clock, counted } = await startIdle();
    for (let second = 1; second <= 10; second += 1) await pass(clock);
    expect(counted.reads).toBe(10);
  });

  it("find what is for one of them by name within a second, though no word of it came", async () => {
    const { clock, executors, other } = await startIdle();
    const { processid } = await submit(other, {}, { executornames: [`e${IDLE - 1}`] });
    clock.advance(1000);
    const answer = await within("the answer", executors.at(-1) ?? Promise.reject());
    expect(answer).toMatchObject({ ok: true, value: { processid } });
  });

  it("find it within 5 s where much waits that nobody can do", async () => {
    const { clock, executors, counted, other } = await startIdle();
    const { processid } = await submit(other, {}, { executornames: [`e${IDLE - 1}`] });
    for (let n = 0; n < 40; n += 1) await submit(other, {}, { executortype: "another" });
    counted.reads = 0;
    for (let second = 1; second <= 5; second += 1) await pass(clock);
    const answer = await within("the answer", executors.at(-1) ?? Promise.reject());
    expect(answer).toMatchObject({ ok: true, value: { processid } });
    expect(counted.reads).toBeLessThanOrEqual(5 + 2 * IDLE);
  });
});
