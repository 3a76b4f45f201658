import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FunctionSpec,
  NO_TIME,
  type Process,
} from "../../../../server/dialects/colonies/processes/process.ts";
import {
  assignedProcess,
  deadlineOf,
  isOverdue,
  overdueProcess,
  rankOf,
  waitingProcess,
} from "../../../../server/dialects/colonies/processes/process-life.ts";
import {
  waitingIndex,
  waitingIndexesOf,
} from "../../../../server/dialects/colonies/processes/process-record.ts";
import { microsOf, timeText } from "../../../../server/dialects/colonies/processes/process-time.ts";
import { keyOf } from "../../../../server/dialects/colonies/registry/registry-keys.ts";
import {
  isIdentity,
  isName,
  shownName,
} from "../../../../server/dialects/colonies/registry/registry-names.ts";
import { functionSpec } from "../../../support/colonies-spec.ts";

const NOW = 1_763_683_200_000_000;
const micros = fc.integer({ min: 0, max: 4_102_444_800_000_000 });

function submitted(spec?: Partial<FunctionSpec>, at = NOW): Process {
  return waitingProcess("p", functionSpec(spec), { id: "i", name: "n" }, at);
}

describe("The time of a process", () => {
  it("is RFC 3339 with microseconds, and read again exactly", () => {
    expect(timeText(1_763_683_200_123_456)).toBe("2025-11-21T00:00:00.123456Z");
    expect(timeText(1_763_683_200_000_001)).toBe("2025-11-21T00:00:00.000001Z");
    fc.assert(
      fc.property(micros, (time) => {
        expect(microsOf(timeText(time))).toBe(time);
      }),
    );
  });
});

describe("The rank of a process", () => {
  it("is its submission, a day earlier for each step of priority", () => {
    const rank = rankOf(submitted());
    expect(rank).toBe(NOW);
    expect(rankOf(submitted({ priority: 3 }))).toBe(NOW - 3 * 86_400e6);
    expect(submitted({ priority: -2 }).prioritytime).toBe((NOW + 2 * 86_400e6) * 1000);
  });

  it("tells apart what is a microsecond apart, at any priority", () => {
    fc.assert(
      fc.property(micros, fc.integer({ min: -50_000, max: 50_000 }), (time, priority) => {
        const [first, second] = [time, time + 1].map((at) => rankOf(submitted({ priority }, at)));
        expect((second ?? 0) - (first ?? 0)).toBe(1);
      }),
    );
  });
});

describe("The limits of a process", () => {
  it("begin anew when it is assigned, and when it waits again", () => {
    const waiting = submitted({ maxwaittime: 10, maxexectime: 20, maxretries: 1 });
    expect(deadlineOf(waiting)).toBe(NOW + 10e6);
    const running = assignedProcess(waiting, "e", NOW + 1e6);
    expect(deadlineOf(running)).toBe(NOW + 21e6);
    const again = overdueProcess(running, NOW + 30e6);
    expect(again).toMatchObject({ state: 0, retries: 1, execdeadline: NO_TIME });
    expect(deadlineOf(again)).toBe(NOW + 40e6);
    expect(deadlineOf(overdueProcess(again, NOW + 40e6))).toBeUndefined();
  });

  it("are reached at their time, and not before", () => {
    const process = submitted({ maxwaittime: 1 });
    expect([0, 999_999, 1_000_000].map((after) => isOverdue(process, NOW + after))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("never are times that no text can say", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (secs) => {
        const process = submitted({ maxwaittime: secs });
        expect(process.waitdeadline).toMatch(/^(0001|2\d\d\d)-/);
        expect(deadlineOf(process) === undefined).toBe(secs <= 0 || secs > 3_155_760_000);
      }),
    );
  });
});

describe("The indexes of a waiting process", () => {
  it("are those in which its executors look, and the colony's", () => {
    expect(waitingIndexesOf(submitted())).toEqual([waitingIndex("c"), waitingIndex("c", "t")]);
    const conditions = { colonyname: "c", executortype: "t", executornames: ["a", "b", "a"] };
    expect(waitingIndexesOf(submitted({ conditions }))).toEqual([
      waitingIndex("c"),
      waitingIndex("c", "t", "a"),
      waitingIndex("c", "t", "b"),
    ]);
    expect(waitingIndexesOf(assignedProcess(submitted(), "e", NOW))).toEqual([]);
  });
});

describe("Keys", () => {
  it("differ where any of their names differ", () => {
    const names = fc.array(fc.string(), { maxLength: 3 });
    fc.assert(
      fc.property(names, names, (some, others) => {
        const isSame = JSON.stringify(some) === JSON.stringify(others);
        expect(keyOf("kind", ...some) === keyOf("kind", ...others)).toBe(isSame);
      }),
    );
  });
});

describe("Names", () => {
  it.each([
    ["a", true],
    ["a b:/ é \u{1f600}", true],
    ["n".repeat(255), true],
    ["", false],
    ["n".repeat(256), false],
    ["é".repeat(128), false],
    ["a\u0000", false],
    ["a\u007f", false],
    ["a\ud800", false],
  ])("are 1 to 255 bytes without control characters: %j", (name, isGood) => {
    expect(isName(name)).toBe(isGood);
  });

  it("that are too long are cut off where they are repeated", () => {
    expect(shownName("n".repeat(255))).toBe("n".repeat(255));
    expect(shownName("n".repeat(256))).toBe(`${"n".repeat(255)}…`);
  });

  it("of identities are 64 digits in lower case", () => {
    expect(isIdentity("0a".repeat(32))).toBe(true);
    for (const id of ["0A".repeat(32), "0g".repeat(32), "0".repeat(63), `${"0".repeat(64)}\n`]) {
      expect(isIdentity(id)).toBe(false);
    }
  });
});
