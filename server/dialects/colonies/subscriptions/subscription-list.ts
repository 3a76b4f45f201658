import { closes } from "../../../codes.ts";
import type { Connection } from "../../../connections/connection.ts";
import type { Message } from "../../../connections/message.ts";
import type { Failure } from "../wire/outcome.ts";
import type { ChannelSubscription } from "./channel-subscription.ts";
import { failureFrame, type Outlet, type Subscription } from "./subscription.ts";

/** What the list needs to know of its connection. */
export type ListedConnection = Pick<Connection, "send" | "end" | "readyState">;

/**
 * The subscriptions of one connection. When one has come to its end and none is left, the connection
 * is closed: that is how its client learns of it.
 */
export class SubscriptionList implements Outlet {
  readonly #connection: ListedConnection;
  readonly #max: number;
  readonly #all = new Set<Subscription>();
  readonly #channels = new Map<string, ChannelSubscription>();
  /** Requests that may still become subscriptions. */
  #pending = 0;
  #hasEnded: boolean = false;

  /** @param max most subscriptions at a time */
  constructor(connection: ListedConnection, max: number) {
    this.#connection = connection;
    this.#max = max;
  }

  /** Whether the connection has ended. */
  get isClosed(): boolean {
    return this.#connection.readyState !== "open";
  }

  /** The subscription of a room. */
  inRoom(room: string): ChannelSubscription | undefined {
    return this.#channels.get(room);
  }

  /**
   * Adds a subscription.
   *
   * @returns false if there are too many
   */
  add(subscription: Subscription): boolean {
    if (this.#all.size >= this.#max) return false;
    this.#all.add(subscription);
    return true;
  }

  /**
   * Adds the subscription of a room, in the place of the one that it has.
   *
   * @returns false if there are too many
   */
  addChannel(subscription: ChannelSubscription): boolean {
    const former = this.#channels.get(subscription.room);
    if (former === undefined && this.#all.size >= this.#max) return false;
    if (former !== undefined) this.#all.delete(former);
    former?.stop();
    this.#all.add(subscription);
    this.#channels.set(subscription.room, subscription);
    return true;
  }

  send(message: Message): void {
    this.#connection.send(message);
  }

  /** Takes a subscription out that has not begun. */
  remove(subscription: Subscription): void {
    subscription.stop();
    this.#all.delete(subscription);
  }

  over(subscription: Subscription, failure?: Failure): void {
    if (!this.#all.delete(subscription)) return;
    for (const [room, known] of this.#channels) {
      if (known === subscription) this.#channels.delete(room);
    }
    subscription.stop();
    if (failure !== undefined) this.send(failureFrame(failure));
    this.#hasEnded = true;
    // Socket.IO may be in the middle of writing to this connection.
    queueMicrotask(() => this.#closeIfOver());
  }

  /** Notes that a request is under way, which keeps the connection. */
  begin(): void {
    this.#pending += 1;
  }

  /** Notes that a request has been handled. */
  finish(): void {
    this.#pending -= 1;
    this.#closeIfOver();
  }

  /** Ends all subscriptions without a word. */
  stop(): void {
    for (const subscription of this.#all) subscription.stop();
    this.#all.clear();
    this.#channels.clear();
  }

  #closeIfOver(): void {
    const isOver = this.#hasEnded && this.#all.size === 0 && this.#pending === 0;
    if (isOver) this.#connection.end(closes.subscription_over);
  }
}
