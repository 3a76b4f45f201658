import { describe, expect, it } from "vitest";
import { closes } from "../../../server/codes.ts";
import { Batch } from "../../../server/connections/batch.ts";
import { LongPollCarrier } from "../../../server/connections/long-poll-carrier.ts";
import { Message } from "../../../server/connections/message.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function setUp(maxBacklogBytes = 100) {
  const clock = new ManualClock();
  const told: string[] = [];
  const carrier = new LongPollCarrier({
    batch: new Batch(),
    maxBacklogBytes,
    onSlowReader: () => told.push("slow"),
    onGone: (reason) => told.push(reason),
    clock,
    windowMs: 10_000,
  });
  const answers: (string[] | undefined)[] = [];
  /** Polls; the answer appears in `answers` at this poll's place. */
  const poll = (): (() => void) => {
    const place = answers.push(undefined) - 1;
    return carrier.poll((messages) => {
      expect(answers[place]).toBeUndefined();
      answers[place] = messages.map((item): string => JSON.parse(item.toString()));
    });
  };
  const send = (text: string): void => carrier.send(new Message(text));
  return { clock, carrier, told, answers, poll, send };
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a long-poll carrier", () => {
  it("answers a poll without messages after its window, and not before", () => {
    const { clock, answers, poll } = setUp();
    poll();
    clock.advance(9999);
    expect(answers).toEqual([undefined]);
    clock.advance(1);
    expect(answers).toEqual([[]]);
  });

  it("answers a poll that waits once, with all messages of a turn", async () => {
    const { answers, poll, send } = setUp();
    poll();
    send("a");
    send("b");
    expect(answers).toEqual([undefined]);
    await endOfTurn();
    expect(answers).toEqual([["a", "b"]]);
  });

  it("answers a poll at once where messages wait", () => {
    const { answers, poll, send } = setUp();
    send("a");
    poll();
    expect(answers).toEqual([["a"]]);
  });

  it("keeps what comes after a poll was given up for the next one", async () => {
    const { answers, poll, send } = setUp();
    const giveUp = poll();
    send("a");
    giveUp();
    await endOfTurn();
    poll();
    expect(answers).toEqual([undefined, ["a"]]);
  });

  it("gives the messages of a turn to the newer of two polls", async () => {
    const { answers, poll, send } = setUp();
    poll();
    send("a");
    poll();
    await endOfTurn();
    expect(answers).toEqual([[], ["a"]]);
  });

  it("finds its client gone 1.5 windows after the last poll was answered", () => {
    const { clock, told, poll } = setUp();
    clock.advance(14_999);
    poll();
    clock.advance(10_000 + 14_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(["inactive"]);
  });

  it("finds its client gone 1.5 windows after a poll was given up", () => {
    const { clock, told, poll } = setUp();
    poll()();
    clock.advance(15_000);
    expect(told).toEqual(["inactive"]);
  });

  it("does not count as waiting what goes out at the end of the turn", async () => {
    const { answers, told, poll, send } = setUp(100);
    poll();
    send("x".repeat(60));
    send("y".repeat(60));
    await endOfTurn();
    poll();
    expect(answers).toEqual([["x".repeat(60)], ["y".repeat(60)]]);
    expect(told).toEqual([]);
  });

  it("ends when more waits than may, and sends no more", () => {
    const { clock, answers, told, carrier, send } = setUp(100);
    send("x".repeat(60));
    send("y".repeat(60));
    send("z");
    clock.advance(60_000);
    expect([told, answers, carrier.isOver]).toEqual([["slow"], [], true]);
  });

  it("answers the poll that waits when it is closed, and runs no timer on", () => {
    const { clock, carrier, answers, told, poll, send } = setUp();
    poll();
    send("a");
    carrier.close(closes.restart);
    carrier.close(closes.restart);
    clock.advance(60_000);
    expect([answers, told]).toEqual([[["a"]], []]);
  });
});
