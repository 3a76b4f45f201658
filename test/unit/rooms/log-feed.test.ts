import { describe, expect, it } from "vitest";
import { LogFeed } from "../../../server/bus/log-feed.ts";
import type { StoredEntry } from "../../../server/bus/log-message.ts";
import { JsonText } from "../../../server/json-text.ts";
import type { Page } from "../../../server/rooms/log/log-store.ts";

type StoredPage = Page & { readonly entries: readonly StoredEntry[] };

const EPOCH = "e";

function entryAt(offset: number): StoredEntry {
  return {
    offset,
    event: "said",
    payload: new JsonText("{}"),
    atMs: 0,
    bytes: 2,
    except: [],
  };
}

function pageOf(after: number | undefined, offset: number, first = 1, epoch = EPOCH): StoredPage {
  const from = Math.max((after ?? offset) + 1, first);
  const entries = Array.from({ length: Math.max(offset - from + 1, 0) }, (_, index) =>
    entryAt(from + index),
  );
  return { epoch, offset, first, entries };
}

/** A feed whose reads wait until they are answered. */
function createFeed() {
  const delivered: number[] = [];
  const reads: { after: number | undefined; answer: (page: StoredPage | undefined) => void }[] = [];
  const read = (after: number | undefined): Promise<StoredPage | undefined> =>
    new Promise((resolve) => reads.push({ after, answer: resolve }));
  const state = { losses: 0 };
  const feed = new LogFeed({
    read,
    deliver: ({ offset }) => void delivered.push(offset),
    onLost: () => {
      state.losses += 1;
    },
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const answer = async (page: (after: number | undefined) => StoredPage | undefined) => {
    const next = reads.shift();
    if (next === undefined) throw new Error("nobody reads");
    next.answer(page(next.after));
    await turn();
  };
  /** Joins; what the page showed, and how much had been delivered at that moment. */
  const open = (after?: number) => {
    const seen: { page?: Page; deliveredThen?: readonly number[] } = {};
    void feed.open(after, read, (page) => {
      seen.page = page;
      seen.deliveredThen = [...delivered];
    });
    return seen;
  };
  const offer = (offset: number, epoch = EPOCH): void => feed.offer(epoch, entryAt(offset));
  return { feed, delivered, reads, answer, open, offer, state };
}

const offsetsOf = (page: Page | undefined) => page?.entries.map(({ offset }) => offset);

describe("The feed of a log", () => {
  it("delivers each entry once, in its order", async () => {
    const { open, answer, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    for (const offset of [4, 4, 3, 5, 5]) offer(offset);
    expect(delivered).toEqual([4, 5]);
  });

  it("reads what it has not heard, once, and what comes meanwhile is in its place", async () => {
    const { open, answer, offer, delivered, reads } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    for (const offset of [6, 7, 8]) offer(offset);
    expect(reads.map(({ after }) => after)).toEqual([3]);
    await answer((after) => pageOf(after, 7));
    expect(delivered).toEqual([4, 5, 6, 7]);
    await answer((after) => pageOf(after, 8));
    expect(delivered).toEqual([4, 5, 6, 7, 8]);
    expect(reads).toEqual([]);
  });

  it("goes on where the log no longer has what was not heard", async () => {
    const { open, answer, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    offer(20);
    await answer((after) => pageOf(after, 20, 18));
    offer(21);
    expect(delivered).toEqual([18, 19, 20, 21]);
  });

  it("says that it has left something out, and not where the log has lost only what was delivered", async () => {
    const { open, answer, offer, state } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    offer(5);
    await answer((after) => pageOf(after, 5, 4));
    expect(state.losses).toBe(0);
    offer(9);
    await answer((after) => pageOf(after, 9, 7));
    expect(state.losses).toBe(1);
  });

  it("shows a joiner what it has missed, and members get what the page has and they have not", async () => {
    const { open, answer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    const joiner = open(2);
    await answer((after) => pageOf(after, 7));
    expect(offsetsOf(joiner.page)).toEqual([3, 4, 5, 6, 7]);
    expect(joiner.deliveredThen).toEqual([6, 7]);
    expect(delivered).toEqual([6, 7]);
  });

  it("adds to a joiner's page what was delivered while it was read", async () => {
    const { open, answer, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    const joiner = open(4);
    for (const offset of [6, 7]) offer(offset);
    await answer((after) => pageOf(after, 6));
    expect(offsetsOf(joiner.page)).toEqual([5, 6, 7]);
    expect(joiner.page?.offset).toBe(7);
    expect(delivered).toEqual([6, 7]);
  });

  it("gives a joiner without a position nothing old, and members all that they lack", async () => {
    const { open, answer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    const joiner = open();
    await answer((after) => pageOf(after, 8));
    expect(joiner.page).toMatchObject({ offset: 8, entries: [] });
    expect(delivered).toEqual([6, 7, 8]);
  });

  it("skips nothing for a member that came back beside one that did not ask for what it missed", async () => {
    const { open, answer, offer, delivered } = createFeed();
    const returned = open(2);
    const stranger = open();
    await answer((after) => pageOf(after, 5));
    expect(offsetsOf(returned.page)).toEqual([3, 4, 5]);
    await answer((after) => pageOf(after, 7));
    expect(stranger.page).toBeUndefined();
    await answer((after) => pageOf(after, 7));
    offer(8);
    expect(stranger.page).toMatchObject({ offset: 7, entries: [] });
    expect(delivered).toEqual([6, 7, 8]);
  });

  it("skips nothing of a log that this node has begun anew while it read the former one", async () => {
    const { open, answer, feed, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    offer(7);
    feed.offer("another", entryAt(1), true);
    await answer((after) => pageOf(after, 3, 1, "another"));
    await answer((after) => pageOf(after, 3, 1, "another"));
    expect(delivered).toEqual([1, 2, 3]);
  });

  it("catches up with what was heard before the first joiner was in", async () => {
    const { open, answer, offer, delivered } = createFeed();
    const joiner = open();
    offer(4);
    await answer((after) => pageOf(after, 3));
    expect(joiner.page?.offset).toBe(3);
    await answer((after) => pageOf(after, 4));
    expect(delivered).toEqual([4]);
  });

  it("begins anew with a log that was lost", async () => {
    const { open, answer, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    offer(1, "another");
    offer(3, "another");
    await answer((after) => pageOf(after, 3, 1, "another"));
    await answer((after) => pageOf(after, 3, 1, "another"));
    expect(delivered).toEqual([1, 2, 3]);
  });

  it("begins anew at once with what this node has logged itself", async () => {
    const { open, answer, feed, delivered, reads } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    feed.offer("another", entryAt(1), true);
    expect(delivered).toEqual([1]);
    expect(reads).toEqual([]);
  });

  it("says once that its log is lost, whether another has begun or not", async () => {
    const { open, answer, feed, state, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 5));
    void feed.catchUp();
    await answer(() => ({ epoch: "", offset: 0, first: 1, entries: [] }));
    expect(state.losses).toBe(1);
    void feed.catchUp();
    await answer(() => ({ epoch: "", offset: 0, first: 1, entries: [] }));
    feed.offer("another", entryAt(1), true);
    expect(state.losses).toBe(1);
    expect(delivered).toEqual([1]);
    feed.offer("a third", entryAt(1), true);
    expect(state.losses).toBe(2);
  });

  it("does not begin anew because a stranger says so", async () => {
    const { open, answer, offer, delivered, state } = createFeed();
    open();
    await answer((after) => pageOf(after, 2));
    offer(1, "a stranger's");
    await answer((after) => pageOf(after, 2));
    offer(3);
    expect(delivered).toEqual([3]);
    expect(state.losses).toBe(0);
  });

  it("leaves a joiner out where the log cannot be read, and tries again at the next word", async () => {
    const { open, answer, offer, delivered } = createFeed();
    open();
    await answer((after) => pageOf(after, 1));
    const joiner = open(0);
    await answer(() => undefined);
    expect(joiner.page).toBeUndefined();
    offer(3);
    await answer(() => undefined);
    offer(4);
    await answer((after) => pageOf(after, 4));
    expect(delivered).toEqual([2, 3, 4]);
  });

  it("says when the members have got an entry, or when nobody will", async () => {
    const { feed, open, answer, offer } = createFeed();
    open();
    await answer((after) => pageOf(after, 1));
    expect(feed.reached(1)).toBeUndefined();
    const reached: string[] = [];
    void Promise.resolve(feed.reached(3)).then(() => reached.push("3"));
    void Promise.resolve(feed.reached(9)).then(() => reached.push("9"));
    offer(2);
    offer(3);
    await Promise.resolve();
    await Promise.resolve();
    expect(reached).toEqual(["3"]);
    feed.close();
    await Promise.resolve();
    await Promise.resolve();
    expect(reached).toEqual(["3", "9"]);
  });

  it("keeps what has begun anew where an older read says that there is no log", async () => {
    const { feed, open, answer, offer, delivered, reads, state } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    void feed.catchUp();
    feed.offer("new", entryAt(1), true);
    await answer(() => pageOf(0, 0, 1, ""));
    await answer((after) => pageOf(after, 1, 1, "new"));
    offer(2, "new");
    expect(delivered).toEqual([1, 2]);
    expect([reads.length, state.losses]).toEqual([0, 1]);
  });

  it("reads again where another node's entry was heard of before the log had begun anew", async () => {
    const { feed, open, answer, offer, delivered, state } = createFeed();
    open();
    await answer((after) => pageOf(after, 3));
    void feed.catchUp();
    offer(1, "new");
    await answer(() => pageOf(0, 0, 1, ""));
    await answer(() => pageOf(0, 1, 1, "new"));
    // What the read has begun anew is read from its start.
    await answer((after) => pageOf(after, 1, 1, "new"));
    expect(delivered).toEqual([1]);
    expect(state.losses).toBe(1);
  });
});
