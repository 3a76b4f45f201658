import type { Eventual } from "../eventual.ts";
import type { Page } from "../rooms/log/log-store.ts";
import type { StoredEntry } from "./log-message.ts";

type FeedPage = Page & { readonly entries: readonly StoredEntry[] };

/** What a feed needs of its surroundings. */
export interface LogFeedContext {
  /** Reads the log after an offset; undefined if it cannot be reached. */
  readonly read: (after: number) => Promise<FeedPage | undefined>;
  /** Sends an entry to this node's members. */
  readonly deliver: (entry: StoredEntry) => void;
  /** Told when the log was lost or has a gap: what the members have not got of it, they will not get. */
  readonly onLost?: () => void;
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
}

/**
 * Brings one room's log to this node's members: each entry once, in the order of the offsets,
 * whether it is heard, read or this node's own.
 */
export class LogFeed {
  readonly #context: LogFeedContext;
  #epoch = "";
  /** Offset of the last entry that the members have got; undefined before there can be any. */
  #delivered: number | undefined;
  /** Highest offset that was heard of too early. */
  #seen = 0;
  #isReading: boolean = false;
  /** Joins that wait for their part of the log. */
  #opening = 0;
  /** What was delivered while joins waited. */
  #recent: StoredEntry[] = [];
  #waiters: Waiter[] = [];

  constructor(context: LogFeedContext) {
    this.#context = context;
  }

  /** Whether no join waits. */
  get isIdle(): boolean {
    return this.#opening === 0;
  }

  /**
   * Takes an entry. One that the members have got already is dropped.
   *
   * @param isOwn whether this node has logged it itself; what others say of a log that has begun
   * anew is looked up in the log
   */
  offer(epoch: string, entry: StoredEntry, isOwn = false): void {
    const { offset } = entry;
    if (this.#delivered === undefined) {
      this.#seen = Math.max(this.#seen, offset);
      return;
    }
    if (epoch !== this.#epoch) {
      if (!isOwn) {
        this.#seen = Math.max(this.#seen, offset);
        void this.catchUp();
        return;
      }
      this.#begin(epoch, 0);
    }
    if (offset <= this.#delivered) return;
    if (offset === this.#delivered + 1) {
      this.#deliver(entry);
      return;
    }
    this.#seen = Math.max(this.#seen, offset);
    void this.catchUp();
  }

  /** Reads what the members have not got, and gives it to them. Never rejects. */
  async catchUp(): Promise<void> {
    if (this.#isReading || this.#delivered === undefined) return;
    this.#isReading = true;
    try {
      let isBehind = true;
      while (isBehind) {
        this.#seen = 0;
        const [from, epoch] = [this.#delivered, this.#epoch];
        const page = await this.#context.read(from);
        // The log may have begun anew since, which an older page must not undo.
        const isOlder = this.#epoch !== epoch && page?.epoch !== this.#epoch;
        isBehind = page !== undefined && (isOlder || this.#hasGap(page, from) || this.#take(page));
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** Resolves once the members have got the entry of this offset. */
  reached(offset: number): Eventual<void> {
    if (this.#delivered === undefined || offset <= this.#delivered) return;
    return new Promise((resolve) => this.#waiters.push({ offset, resolve }));
  }

  /**
   * Reads the log for someone who wants to join, and calls `use` once the members have got exactly
   * what the page shows.
   *
   * @returns undefined where the log cannot be reached
   */
  async open<Result>(
    after: number | undefined,
    read: (after: number | undefined) => Promise<FeedPage | undefined>,
    use: (page: Page) => Eventual<Result>,
  ): Promise<Result | undefined> {
    this.#opening += 1;
    let page: FeedPage | undefined;
    let from: number;
    do {
      // Also what the members have not got yet, so that nothing is between the two.
      from = Math.min(after ?? Infinity, this.#delivered ?? Infinity);
      page = await read(Number.isFinite(from) ? from : undefined);
    } while (page !== undefined && this.#hasGap(page, from));
    this.#opening -= 1;
    const seen = page === undefined ? undefined : this.#shown(page, after);
    if (this.#opening === 0) this.#recent = [];
    if (seen === undefined) return undefined;
    const result = use(seen);
    if (this.#delivered !== undefined && this.#seen > this.#delivered) void this.catchUp();
    return result;
  }

  /**
   * Whether the members lack something that a page does not show: while it was read, another join
   * has begun the feed further back than the page reaches.
   */
  #hasGap({ epoch }: FeedPage, from: number): boolean {
    return epoch === this.#epoch && from > (this.#delivered ?? Infinity);
  }

  /** Brings members and page to the same offset. */
  #shown(page: FeedPage, after: number | undefined): Page {
    if (this.#delivered === undefined || page.epoch !== this.#epoch) {
      this.#begin(page.epoch, page.offset);
    } else {
      this.#take(page);
    }
    const later = this.#recent.filter(({ offset }) => offset > page.offset);
    const entries = [...page.entries, ...later].filter(
      ({ offset }) => after !== undefined && offset > after,
    );
    return { ...page, offset: this.#delivered ?? page.offset, entries };
  }

  /** Delivers what is new of a page; tells whether there is more. */
  #take(page: FeedPage): boolean {
    const { epoch, offset, first, entries } = page;
    if (epoch !== this.#epoch) {
      // Lost, and perhaps begun anew. What is in it follows from its start.
      this.#begin(epoch, 0);
      return epoch !== "" || this.#seen > 0;
    }
    const hasDropped = first > (this.#delivered ?? 0) + 1;
    for (const entry of entries) {
      if (entry.offset > (this.#delivered ?? 0)) this.#deliver(entry);
    }
    // What the log no longer has, nobody will get.
    this.#delivered = Math.max(this.#delivered ?? 0, offset);
    this.#resolve();
    // Afterwards, since who joins anew upon that has the rest already.
    if (hasDropped) this.#context.onLost?.();
    return this.#seen > this.#delivered;
  }

  /** Lets go of those who wait for entries: there is nobody left to get them. */
  close(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve } of waiters) resolve();
  }

  #begin(epoch: string, delivered: number): void {
    const isLost = this.#epoch !== "" && this.#epoch !== epoch;
    this.#epoch = epoch;
    this.#delivered = delivered;
    this.#recent = [];
    this.close();
    if (isLost) this.#context.onLost?.();
  }

  #deliver(entry: StoredEntry): void {
    this.#delivered = entry.offset;
    if (this.#opening > 0) this.#recent.push(entry);
    this.#context.deliver(entry);
    this.#resolve();
  }

  #resolve(): void {
    if (this.#waiters.length === 0) return;
    const delivered = this.#delivered ?? 0;
    const isDue = ({ offset }: Waiter): boolean => offset <= delivered;
    const due = this.#waiters.filter(isDue);
    this.#waiters = this.#waiters.filter((waiter) => !isDue(waiter));
    for (const { resolve } of due) resolve();
  }
}
