import { describe, expect, it } from "vitest";
import { Lanes } from "../../../server/rooms/lanes.ts";

function createLanes(maxWaiting = 10) {
  const done: string[] = [];
  const errors: unknown[] = [];
  const lanes = new Lanes(maxWaiting, (error, room) => errors.push([room, error]));
  /** A task that is under way until it is told to end. */
  const slow = (name: string) => {
    let resolve = (): void => {};
    let reject = (_error: Error): void => {};
    const end = new Promise<void>((onEnd, onError) => {
      resolve = onEnd;
      reject = onError;
    });
    const task = (): Promise<void> => {
      done.push(`${name} begins`);
      return end.then(() => void done.push(`${name} ends`));
    };
    return { task, resolve: () => resolve(), reject: (error: Error) => reject(error) };
  };
  const quick = (name: string) => (): void => void done.push(name);
  return { lanes, done, errors, slow, quick };
}

/** Lets all go on that waits for nothing else. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the requests of a connection in one room", () => {
  it("are done at once while nothing is under way", () => {
    const { lanes, done, quick } = createLanes();
    expect([lanes.run("a", quick("1")), lanes.run("a", quick("2"))]).toEqual([true, true]);
    expect(done).toEqual(["1", "2"]);
  });

  it("wait for the one under way, each in its turn, and hold up no other room", async () => {
    const { lanes, done, slow, quick } = createLanes();
    const [first, second] = [slow("1"), slow("2")];
    lanes.run("a", first.task);
    lanes.run("a", second.task);
    lanes.run("a", quick("3"));
    lanes.run("b", quick("other room"));
    expect(done).toEqual(["1 begins", "other room"]);
    first.resolve();
    await settle();
    expect(done.slice(2)).toEqual(["1 ends", "2 begins"]);
    second.resolve();
    await settle();
    expect(done.slice(4)).toEqual(["2 ends", "3"]);
  });

  it("are done at once again when all that waited is done", async () => {
    const { lanes, done, slow, quick } = createLanes();
    const first = slow("1");
    lanes.run("a", first.task);
    first.resolve();
    await settle();
    lanes.run("a", quick("2"));
    expect(done).toEqual(["1 begins", "1 ends", "2"]);
  });

  it("are refused where too many wait, and then not done", async () => {
    const { lanes, done, slow, quick } = createLanes(2);
    const first = slow("1");
    const taken = [first.task, quick("2"), quick("3"), quick("4")].map((task) =>
      lanes.run("a", task),
    );
    expect(taken).toEqual([true, true, true, false]);
    expect(lanes.run("b", quick("other room"))).toBe(true);
    first.resolve();
    await settle();
    expect(done).toEqual(["1 begins", "other room", "1 ends", "2", "3"]);
  });

  it("are forgotten, but for the one under way, when the connection ends", async () => {
    const { lanes, done, slow, quick } = createLanes();
    const first = slow("1");
    lanes.run("a", first.task);
    lanes.run("a", quick("2"));
    lanes.clear();
    first.resolve();
    await settle();
    expect(done).toEqual(["1 begins", "1 ends"]);
  });

  it("go on after one that failed, at once or later", async () => {
    const { lanes, done, errors, slow, quick } = createLanes();
    lanes.run("a", () => {
      throw new Error("at once");
    });
    const first = slow("1");
    lanes.run("a", first.task);
    lanes.run("a", () => {
      throw new Error("in its turn");
    });
    lanes.run("a", quick("2"));
    first.reject(new Error("later"));
    await settle();
    expect(done).toEqual(["1 begins", "2"]);
    expect(errors).toEqual([
      ["a", new Error("at once")],
      ["a", new Error("later")],
      ["a", new Error("in its turn")],
    ]);
  });
});
