import { describe, expect, it } from "vitest";
import { RequestBudget } from "../../../server/bus/request-budget.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("the budget for what other nodes ask", () => {
  const taken = (budget: RequestBudget): number =>
    Array.from({ length: 3000 }, () => budget.take()).filter(Boolean).length;

  it("is a thousand a second", () => {
    const clock = new ManualClock();
    const budget = new RequestBudget(clock);
    expect(taken(budget)).toBe(1000);
    clock.advance(999);
    expect(taken(budget)).toBe(0);
    clock.advance(1);
    expect(taken(budget)).toBe(1000);
  });

  it("comes back also where the machine's clock has gone back", () => {
    const clock = new ManualClock();
    const budget = new RequestBudget(clock);
    expect(taken(budget)).toBe(1000);
    clock.shift(-3_600_000);
    expect(taken(budget)).toBe(1000);
    expect(taken(budget)).toBe(0);
  });
});
