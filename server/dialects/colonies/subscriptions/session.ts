import type { Socket } from "socket.io";
import { closes } from "../../../codes.ts";
import type { Connection } from "../../../connections/connection.ts";
import type { Session } from "../../../connections/dialect.ts";
import type { Message } from "../../../connections/message.ts";
import type { EntryMeta } from "../../../entry-meta.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import { Lanes } from "../../../rooms/lanes.ts";
import { isEnd } from "../../../rooms/own-events.ts";
import type { Failure } from "../wire/outcome.ts";
import type { RequestOf } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { ChannelSubscription } from "./channel-subscription.ts";
import { ProcessSubscription } from "./process-subscription.ts";
import { failureFrame, type SubscriptionType } from "./subscription.ts";
import type { SubscriptionContext } from "./subscription-context.ts";
import { SubscriptionList } from "./subscription-list.ts";
import { readSubscription } from "./subscription-request.ts";

/** The requests of one connection are handled one after another. */
const LANE = "requests";
/** Most requests that may wait for the one that is under way. */
const MAX_WAITING = 99;
const MAX_SUBSCRIPTIONS = 100;
/** Frames that cannot be understood; the next one ends the connection. */
const MAX_BAD_FRAMES = 100;
/** All who follow a channel get the same frames. */
const FOLLOWING = "colonies";
/** Those who are still sent what came before get nothing of what comes. */
const NOT_YET = "colonies not yet";
const INTERNAL_ERROR = 500;
const NOT_REACHABLE = "storage not reachable";
const TOO_MANY = "too many subscriptions";
const CRASH = "internal error";

/**
 * One ColonyOS client that waits for processes or follows channels. It may subscribe to several on
 * one connection, although the usual clients take a connection for each. A second subscription to a
 * channel takes the place of the first.
 */
export class ColoniesSession implements Session {
  readonly keepAlive = "server";
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: SubscriptionContext;
  readonly #subscriptions: SubscriptionList;
  readonly #lanes: Lanes;
  #badFrames = 0;

  constructor(connection: Connection, socket: Socket, context: SubscriptionContext) {
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
    this.#subscriptions = new SubscriptionList(connection, MAX_SUBSCRIPTIONS);
    this.#lanes = new Lanes(MAX_WAITING, (error) => this.#crash(error));
    connection.once("close", () => this.#close());
  }

  receive(data: string | Buffer): void {
    const isTaken = this.#lanes.run(LANE, () => this.#handle(data));
    if (isTaken) this.#subscriptions.begin();
    else this.#fail({ status: 429, message: "Failed to subscribe, too many requests waiting" });
  }

  encodingOf(room: string): string {
    return this.#subscriptions.inRoom(room)?.isLive === true ? FOLLOWING : NOT_YET;
  }

  encodeBroadcast(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    return this.#subscriptions.inRoom(room)?.encode(event, payload, entry);
  }

  encodePush(
    room: string,
    event: string,
    payload: unknown,
    entry: EntryMeta | undefined,
  ): Message | undefined {
    const subscription = this.#subscriptions.inRoom(room);
    if (!isEnd(event)) return subscription?.encode(event, payload, entry);
    subscription?.ended(event, payload);
    return undefined;
  }

  async #handle(data: string | Buffer): Promise<void> {
    try {
      const read = await readSubscription(data, this.#context.signatures);
      if (this.#subscriptions.isClosed) return;
      if (!read.ok) this.#refuse(read.failure);
      else await this.#subscribe(read.value.request, read.value.signer);
    } finally {
      this.#subscriptions.finish();
    }
  }

  async #subscribe(request: RequestOf<SubscriptionType>, signer: string): Promise<void> {
    try {
      const failure =
        request.msgtype === "subscribeprocessmsg"
          ? await this.#watch(request, signer)
          : await this.#follow(request, signer);
      if (failure !== undefined) this.#fail(failure);
    } catch (error) {
      const isKnown = error instanceof RecordsUnavailable;
      this.#fail(isKnown ? failureOf(request, 503, NOT_REACHABLE) : failureOf(request, 500, CRASH));
      if (!isKnown) this.#context.onCrash(error);
    }
  }

  async #watch(
    request: RequestOf<"subscribeprocessmsg">,
    signer: string,
  ): Promise<Failure | undefined> {
    const subscription = new ProcessSubscription(request, this.#subscriptions, this.#context);
    if (!this.#subscriptions.add(subscription)) {
      subscription.stop();
      return failureOf(request, 429, TOO_MANY);
    }
    try {
      const failure = await subscription.begin(signer);
      if (failure !== undefined) this.#subscriptions.remove(subscription);
      return failure;
    } catch (error) {
      this.#subscriptions.remove(subscription);
      throw error;
    }
  }

  async #follow(
    request: RequestOf<"subscribechannelmsg">,
    signer: string,
  ): Promise<Failure | undefined> {
    const { channels } = this.#context;
    const authorised = await channels.authorise(request, signer);
    if (!authorised.ok) return authorised.failure;
    const { room } = authorised.value;
    const place = await channels.reader.placeAfter(room, request.afterseq);
    if (place === undefined) return failureOf(request, 503, NOT_REACHABLE);
    if (this.#subscriptions.isClosed) return undefined;
    const subscriber = { signer, connection: this.#connection, socket: this.#socket };
    const subscription = new ChannelSubscription(
      { room, processId: request.processid },
      subscriber,
      this.#subscriptions,
      this.#context,
    );
    if (!this.#subscriptions.addChannel(subscription)) return failureOf(request, 429, TOO_MANY);
    subscription.begin(place, request.timeout);
    return undefined;
  }

  #refuse(failure: Failure): void {
    // What the server could not find out is no mistake of the client's.
    if (failure.status < INTERNAL_ERROR) this.#badFrames += 1;
    if (this.#badFrames > MAX_BAD_FRAMES) this.#connection.refuseFrame();
    else this.#fail(failure);
  }

  #fail(failure: Failure): void {
    this.#connection.send(failureFrame(failure));
  }

  #close(): void {
    this.#lanes.clear();
    this.#subscriptions.stop();
  }

  #crash(error: unknown): void {
    this.#context.onCrash(error);
    this.#connection.end(closes.crashed);
  }
}

function failureOf(
  { msgtype }: RequestOf<SubscriptionType>,
  status: number,
  text: string,
): Failure {
  return { status, message: `${phraseOf(msgtype)}, ${text}` };
}
