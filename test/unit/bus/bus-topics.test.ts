import { describe, expect, it } from "vitest";
import { BusPatterns, type Subscribe } from "../../../server/bus/bus-patterns.ts";
import { Subscriptions, type Topic } from "../../../server/bus/subscriptions.ts";

/** Subscriptions that keep the names of what is listened to now. */
class Listening extends Subscriptions {
  readonly names: string[] = [];
  readonly log: string[] = [];

  constructor() {
    super({ onHeard: () => {}, onCrash: () => {}, onRefused: () => {} });
  }

  override add(topic: Topic) {
    this.names.push(topic.name);
    this.log.push(`+${topic.name}`);
    return super.add(topic);
  }

  override remove(topic: Topic): void {
    this.names.splice(this.names.indexOf(topic.name), 1);
    this.log.push(`-${topic.name}`);
    super.remove(topic);
  }
}

function createPatterns(subscribe: Subscribe, logged: readonly string[] = []) {
  const subscriptions = new Listening();
  const received: string[] = [];
  const patterns = new BusPatterns({
    subscriptions,
    subscribe,
    keepsLog: () => logged.length > 0,
    loggedPatterns: () => logged,
    receive: (pattern, message, channel) => received.push(`${pattern} ${message} ${channel}`),
  });
  return { subscriptions, patterns, received };
}

describe("what a node listens to for backends", () => {
  it("is only the ends of connections while it has no members", () => {
    const { subscriptions, patterns } = createPatterns("rooms");
    patterns.listen();
    expect(subscriptions.names).toEqual(["to:*:disconnect"]);
  });

  it("is everything with one pattern where it is told so", () => {
    const { subscriptions, patterns } = createPatterns("all");
    patterns.listen();
    expect(subscriptions.names).toEqual(["to:*"]);
  });

  it("is the rooms that keep a log, each by one pattern, while it is the logger", () => {
    const { subscriptions, patterns } = createPatterns("rooms", ["a[1]", "b?*", "b?c"]);
    patterns.setLogger(true);
    expect(subscriptions.names).toEqual(["to:a\\[1\\]:*", "to:b\\?*"]);
    patterns.setLogger(true);
    expect(subscriptions.log).toHaveLength(2);
    patterns.setLogger(false);
    expect(subscriptions.names).toEqual([]);
  });

  it("changes with the rooms that keep a log: first the new ones, then without the former", () => {
    const logged = ["a"];
    const { subscriptions, patterns } = createPatterns("rooms", logged);
    patterns.setLogger(true);
    logged.splice(0, 1, "b", "c");
    patterns.setLogger(true);
    expect(subscriptions.log).toEqual(["+to:a:*", "+to:b:*", "+to:c:*", "-to:a:*"]);
  });

  it("tells two rooms from one whose name is both of theirs together", () => {
    const logged = ["a", "b"];
    const { subscriptions, patterns } = createPatterns("rooms", logged);
    patterns.setLogger(true);
    logged.splice(0, 2, "ab");
    patterns.setLogger(true);
    expect(subscriptions.names).toEqual(["to:ab:*"]);
  });

  it("is nothing for a room that nobody can name", () => {
    const { patterns } = createPatterns("rooms");
    expect([patterns.open(""), patterns.open("phoenix")]).toEqual([[], []]);
  });

  it("is passed on with the pattern by which it came", () => {
    const { patterns, received } = createPatterns("rooms");
    const [topic] = patterns.open("a");
    topic?.listener(Buffer.from("{}"), Buffer.from("to:a:hi"));
    expect(received).toEqual(["to:a:* {} to:a:hi"]);
  });
});
