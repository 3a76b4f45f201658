import type { Socket } from "socket.io";
import type { Connection } from "../../../connections/connection.ts";
import type { Message } from "../../../connections/message.ts";
import type { EntryMeta } from "../../../entry-meta.ts";
import type { EndEvent } from "../../../rooms/own-events.ts";
import { isAnyMembership } from "../../../rooms/rooms.ts";
import type { LogPlace } from "../channels/channel-reader.ts";
import { liveEntry } from "../channels/entry.ts";
import type { Process } from "../processes/process.ts";
import type { Failure } from "../wire/outcome.ts";
import { frameOf, lifeMsOf, type Outlet, type Subscription } from "./subscription.ts";
import type { SubscriptionContext } from "./subscription-context.ts";
import { hasRecovered, isParty, refusalOf, subscribeFailure } from "./subscription-refusal.ts";
import { type ReplayContext, replay } from "./subscription-replay.ts";

type Context = Pick<
  SubscriptionContext,
  "rooms" | "channels" | "watches" | "passFor" | "clock" | "limits" | "onCrash"
>;

/** A channel of a process. */
export interface FollowedChannel {
  readonly room: string;
  readonly processId: string;
}

/** Whose subscription it is. */
export interface Subscriber {
  /** Identity of whoever signed the request. */
  readonly signer: string;
  readonly connection: Pick<Connection, "waitingBytes">;
  readonly socket: Socket;
}

const TYPE = "subscribechannelmsg";
/** How long a subscription lasts whose client gives no time. */
const DEFAULT_TIMEOUT_SECS = 30;
/** Tells a client that nothing more comes. */
const END: readonly unknown[] = [];
/** How often a client may fall behind what comes live, although it was sent nothing more meanwhile. */
const MAX_IDLE_JOINS = 20;

/**
 * A client that follows a channel: it is sent what is there, and then, as a member of the channel's
 * room, what comes. It gets each entry once, and in the order of the log.
 */
export class ChannelSubscription implements Subscription {
  /** The room of the channel that it follows. */
  readonly room: string;
  readonly #processId: string;
  readonly #subscriber: Subscriber;
  readonly #outlet: Outlet;
  readonly #context: Context;
  #stopTimer: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  #isLive: boolean = false;
  #isStopped: boolean = false;

  constructor(
    { room, processId }: FollowedChannel,
    subscriber: Subscriber,
    outlet: Outlet,
    context: Context,
  ) {
    this.room = room;
    this.#processId = processId;
    this.#subscriber = subscriber;
    this.#outlet = outlet;
    this.#context = context;
  }

  /** Whether the client is sent what comes into the room. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /**
   * Begins to send.
   *
   * @param from the place behind what the client has
   * @param timeoutSecs when it ends; 0 or less: after 30 s
   */
  begin(from: LogPlace, timeoutSecs: number): void {
    const lifeMs = lifeMsOf(timeoutSecs > 0 ? timeoutSecs : DEFAULT_TIMEOUT_SECS);
    const { clock, watches } = this.#context;
    this.#stopTimer = clock.after(lifeMs, () => this.#end());
    this.#stopWatching = watches.watch(this.#processId, (process) => this.#judge(process));
    this.#follow(from).catch((error: unknown) => {
      this.#context.onCrash(error);
      this.#fail(subscribeFailure(500, "internal error"));
    });
  }

  /** The frame of an event of the room, or undefined for one that is no entry. */
  encode(event: string, payload: unknown, entry: EntryMeta | undefined): Message | undefined {
    if (!this.#isLive || entry === undefined) return undefined;
    return frameOf(TYPE, [liveEntry(event, payload, entry)]);
  }

  /** Takes the room's word that the membership is over. */
  ended(event: EndEvent, response: unknown): void {
    // Before it is live, it goes on reading, and finds out why when it joins again.
    if (!this.#isLive) return;
    if (event === "phx_close") this.#end();
    else this.#fail(refusalOf(response));
  }

  stop(): void {
    this.#isStopped = true;
    this.#isLive = false;
    this.#stopTimer?.();
    this.#stopWatching?.();
  }

  /** Another executor may have been assigned. Of the end of the process, the room tells. */
  #judge(process: Process | undefined): void {
    if (process === undefined) this.#end();
    else if (!isParty(this.#subscriber.signer, process)) {
      this.#fail({ status: 403, message: "Not authorized to subscribe to channel" });
    }
  }

  async #follow(from: LogPlace): Promise<void> {
    let place = from;
    let idleJoins = 0;
    // A client that is sent more each time gets there, however slow it or this node is.
    while (idleJoins < MAX_IDLE_JOINS) {
      const reached = await replay(place, this.#replayContext());
      if (reached === "stopped" || this.#isStopped) return;
      if (reached === "unreachable") {
        this.#fail(subscribeFailure(503, "storage not reachable"));
        return;
      }
      idleJoins = isSame(place, reached) ? idleJoins + 1 : 1;
      place = reached;
      const joined = await this.#join(place);
      if (joined === "live") return;
      if (joined !== "behind") {
        this.#fail(joined);
        return;
      }
    }
    this.#fail(subscribeFailure(503, "history cannot be sent"));
  }

  #replayContext(): ReplayContext {
    const { channels, clock, limits } = this.#context;
    const { maxBacklogBytes } = limits;
    return {
      read: (place, most) => channels.reader.read(this.room, place, most),
      send: (frame) => this.#outlet.send(frame),
      reader: { connection: this.#subscriber.connection, clock, maxBacklogBytes },
      isStopped: () => this.#isStopped,
    };
  }

  /** Becomes a member. What has come since the place follows within the answer. */
  #join({ offset, epoch }: LogPlace): Promise<"live" | "behind" | Failure> {
    const { rooms, passFor } = this.#context;
    const { socket, signer } = this.#subscriber;
    const params = { token: passFor(signer), since: offset, epoch };
    return new Promise((resolve) => {
      const request = { params, ref: undefined, whenMissed: "nothing" } as const;
      rooms.join(socket, this.room, request, (reply, member) => {
        if (member === undefined) resolve(refusalOf(reply.response));
        else if (!hasRecovered(reply)) resolve("behind");
        else {
          this.#isLive = !this.#isStopped;
          resolve("live");
        }
      });
    });
  }

  #end(): void {
    if (this.#isStopped) return;
    this.#outlet.send(frameOf(TYPE, END));
    this.#over(undefined);
  }

  #fail(reason: Failure): void {
    if (!this.#isStopped) this.#over(reason);
  }

  #over(reason: Failure | undefined): void {
    this.stop();
    this.#outlet.over(this, reason);
    const { rooms } = this.#context;
    // Of one connection, only the latest subscription of a room leaves it.
    rooms.leave(this.#subscriber.socket, this.room, isAnyMembership, () => {});
  }
}

function isSame(one: LogPlace, other: LogPlace): boolean {
  return one.epoch === other.epoch && one.offset === other.offset;
}
