import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import type { LogSettings } from "../../../server/rooms/log/log-settings.ts";
import { MemoryLog } from "../../../server/rooms/log/memory-log.ts";

const TRIM: LogSettings = { size: 3, ttlMs: 1000, whenFull: "trim" };
const REFUSE: LogSettings = { ...TRIM, whenFull: "refuse" };

function createLog(settings = TRIM, maxBytes = 100) {
  const log = new MemoryLog("e", settings, maxBytes, 0);
  const say = (bytes: number, more: object = {}, nowMs = 0) =>
    log.append({ event: "said", payload: new Uint8Array(bytes), ...more }, nowMs);
  const kept = (nowMs = 0) => log.page(0, 100, nowMs).entries.map(({ offset }) => offset);
  return { log, say, kept };
}

describe("an entry of a log in memory", () => {
  it("has its number, its time and its size, and no mark that its sender did not give", () => {
    const payload = new JsonText('"ä"');
    const { log } = createLog();
    expect(log.append({ event: "said", payload }, 5)).toStrictEqual({
      offset: 1,
      event: "said",
      payload,
      atMs: 5,
      bytes: 4,
    });
    const marks = { sender: "ann", sequence: 1, inReplyTo: 2, type: "end" } as const;
    expect(log.append({ event: "said", payload, ...marks }, 6)).toStrictEqual({
      offset: 2,
      event: "said",
      payload,
      atMs: 6,
      bytes: 4,
      ...marks,
    });
  });

  it("is found by its sender's number, while it is kept", () => {
    const { log, say } = createLog();
    const draft = { event: "said", payload: new Uint8Array(1) };
    const numbered = (sender: string, sequence?: number) =>
      log.numbered({ ...draft, sender, ...(sequence !== undefined && { sequence }) });
    expect(numbered("ann", 1)).toBeUndefined();
    say(1, { sender: "ann", sequence: 1 });
    say(1, { sender: "bob", sequence: 1 });
    say(1, { sender: "ann" });
    expect([numbered("ann", 1), numbered("bob", 1)]).toEqual([1, 2]);
    expect([numbered("ann", 2), numbered("cid", 1), numbered("ann")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    say(1);
    expect([numbered("ann", 1), numbered("bob", 1)]).toEqual([undefined, 2]);
    log.clear();
    expect(numbered("bob", 1)).toBeUndefined();
  });
});

describe("a log in memory", () => {
  it("keeps payloads up to its bytes and no more, but always the newest", () => {
    const { log, say, kept } = createLog(TRIM, 10);
    say(4);
    say(6);
    expect([kept(), log.bytes]).toEqual([[1, 2], 10]);
    say(1);
    expect([kept(), log.bytes]).toEqual([[2, 3], 7]);
    say(11);
    expect([kept(), log.bytes]).toEqual([[4], 11]);
  });

  it("gives the entries after a number, at most so many, also after a thousand have gone", () => {
    const { log, say } = createLog();
    for (let n = 1; n <= 1000; n += 1) {
      say(1);
      const { first, offset, entries } = log.page(0, 10, 0);
      expect([first, offset]).toEqual([Math.max(1, n - 2), n]);
      expect(entries.map((entry) => entry.offset)).toEqual(
        [n - 2, n - 1, n].filter((at) => at > 0),
      );
    }
    expect(log.page(998, 1, 0).entries.map(({ offset }) => offset)).toEqual([999]);
    expect(log.page(undefined, 10, 0).entries).toEqual([]);
    expect(log.bytes).toBe(3);
  });

  it("that refuses tells what fits in: so many entries, and so many bytes", () => {
    const { log, say } = createLog(REFUSE, 10);
    expect([log.fits(10), log.fits(11)]).toEqual([true, false]);
    say(4);
    expect([log.fits(6), log.fits(7)]).toEqual([true, false]);
    say(1);
    say(1);
    expect(log.fits(0)).toBe(false);
  });

  it("that refuses loses nothing before its time, and then everything", () => {
    const { log, say, kept } = createLog(REFUSE);
    say(1, {}, 0);
    say(1, {}, 500);
    expect(kept(1499)).toEqual([1, 2]);
    expect(kept(1500)).toEqual([]);
    expect([log.bytes, log.isRefusing, createLog().log.isRefusing]).toEqual([0, true, false]);
  });
});
