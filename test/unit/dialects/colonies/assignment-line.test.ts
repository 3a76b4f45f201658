import { describe, expect, it } from "vitest";
import {
  AssignmentLine,
  Ticket,
} from "../../../../server/dialects/colonies/processes/assignment-line.ts";

function createLine() {
  const line = new AssignmentLine<string>();
  const awake: string[] = [];
  /** One that has looked and sleeps; its name is noted when it wakes. */
  const sleeper = (name: string, ...indexes: string[]): Ticket<string> => {
    const ticket = new Ticket<string>(indexes);
    line.add(ticket);
    void line.rest(ticket).then(() => awake.push(name));
    return ticket;
  };
  const settled = async (): Promise<string[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    return awake;
  };
  return { line, sleeper, settled };
}

describe("Those who wait for processes", () => {
  it("are called one at a time, the one first that sleeps for longest", async () => {
    const { line, sleeper, settled } = createLine();
    sleeper("a", "x");
    sleeper("b", "x");
    sleeper("c", "x");
    line.call("x");
    line.call("x");
    expect(await settled()).toEqual(["a", "b"]);
    line.call("x");
    expect(await settled()).toEqual(["a", "b", "c"]);
  });

  it("are called only for what they can run", async () => {
    const { line, sleeper, settled } = createLine();
    sleeper("a", "x", "y");
    sleeper("b", "z");
    line.call("w");
    expect(await settled()).toEqual([]);
    line.call("y");
    line.call("x");
    line.call("z");
    expect(await settled()).toEqual(["a", "b"]);
  });

  it("look again where they were called while they looked", async () => {
    const { line, settled } = createLine();
    const ticket = new Ticket<string>(["x"]);
    line.add(ticket);
    line.call("x");
    await line.rest(ticket);
    expect(ticket.isCalled).toBe(true);
    expect(await settled()).toEqual([]);
  });

  it("are called so many at a time, wherever they look, each in its turn", async () => {
    const { line, sleeper, settled } = createLine();
    for (const name of ["a", "b", "c"]) sleeper(name, "x");
    sleeper("d", "y");
    line.callLongest(3);
    expect(await settled()).toEqual(["a", "b", "c"]);
    line.callLongest(3);
    expect(await settled()).toEqual(["a", "b", "c", "d"]);
  });

  it("all wake at the end, and hear its first reason", async () => {
    const { line, sleeper, settled } = createLine();
    const tickets = ["a", "b"].map((name) => sleeper(name, "x"));
    tickets[0]?.finish("first");
    line.finish("second");
    expect(await settled()).toEqual(["a", "b"]);
    expect(tickets.map(({ end }) => end)).toEqual(["first", "second"]);
  });

  it("are called no more after they have left", async () => {
    const { line, sleeper, settled } = createLine();
    const ticket = sleeper("a", "x");
    line.remove(ticket);
    line.remove(ticket);
    line.call("x");
    expect([line.size, await settled()]).toEqual([0, []]);
  });
});
