import type { RedisClientType } from "redis";
import { type CrowdChannel, coloniesClient, isAway } from "./crowd-colonies.ts";
import type { CrowdMember, PushOutcome } from "./crowd-member.ts";
import { type Moment, moment, textOf } from "./crowd-record.ts";

/** A message that was sent, perhaps more than once under its number. */
export interface Sent {
  readonly n: number;
  readonly first: Moment;
  last: Moment;
  /** Whether the sender was told that it was taken. */
  isTaken: boolean;
}

/** The numbered messages of one sender in one room, one after the other. */
export abstract class CrowdStream {
  readonly sender: string;
  readonly room: string;
  readonly sent: Sent[] = [];
  readonly problems: string[] = [];
  #isBusy: boolean = false;
  #givenUp = 0;

  constructor(sender: string, room: string) {
    this.sender = sender;
    this.room = room;
  }

  /** Whether a message is on its way whose answer is still to come. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Repeats nothing of what was sent so far: it may have been taken, and forgotten since. */
  giveUp(): void {
    this.#givenUp = this.sent.length;
  }

  /** Sends the next message, unless the sender is away or still waits for an answer. */
  async next(): Promise<void> {
    if (this.#isBusy || !this.isReady) return;
    const message = this.#message();
    this.#isBusy = true;
    try {
      const outcome = await this.send(
        { text: textOf({ sender: this.sender, n: message.n }) },
        message.n,
      );
      message.isTaken = outcome === "taken";
      if (typeof outcome === "object") this.problems.push(`${this.sender}: ${outcome.refused}`);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Whether the sender can send. */
  protected abstract readonly isReady: boolean;
  /** Whether a message that was not answered is sent again, under its number. */
  protected abstract readonly repeats: boolean;
  /** Sends a message. */
  protected abstract send(payload: object, n: number): Promise<PushOutcome>;

  #message(): Sent {
    const latest = this.sent.at(-1);
    if (this.repeats && latest?.isTaken === false && latest.n > this.#givenUp) {
      latest.last = moment();
      return latest;
    }
    const at = moment();
    const message = { n: this.sent.length + 1, first: at, last: at, isTaken: false };
    this.sent.push(message);
    return message;
  }
}

/** What a member pushes. In a room with a log it says its numbers, and so can repeat itself. */
export class MemberStream extends CrowdStream {
  protected override readonly repeats: boolean;
  readonly #member: CrowdMember;

  constructor(member: CrowdMember, keepsLog: boolean) {
    super(member.seat.name, member.seat.room);
    this.#member = member;
    this.repeats = keepsLog;
  }

  protected override get isReady(): boolean {
    return this.#member.record.stay !== undefined;
  }

  protected override send(payload: object, n: number): Promise<PushOutcome> {
    return this.#member.push(this.repeats ? { ...payload, _sequence: n } : payload);
  }
}

/** What a backend publishes on Redis. */
export class BackendStream extends CrowdStream {
  protected override readonly repeats = false;
  readonly #redis: RedisClientType;

  constructor(redis: RedisClientType, room: string) {
    super(`backend-of-${room}`, room);
    this.#redis = redis;
  }

  protected override get isReady(): boolean {
    return this.#redis.isReady;
  }

  protected override async send(payload: object): Promise<PushOutcome> {
    try {
      await this.#redis.publish(`to:${this.room}:message`, JSON.stringify(payload));
      return "taken";
    } catch {
      return "unanswered";
    }
  }
}

/** What a ColonyOS client appends, at one node after the other. */
export class ColoniesStream extends CrowdStream {
  protected override readonly repeats = true;
  protected override readonly isReady = true;
  readonly #channel: CrowdChannel;
  readonly #ports: readonly number[];
  #attempts = 0;

  constructor(room: string, channel: CrowdChannel, ports: readonly number[]) {
    super(`appender-of-${channel.name}`, room);
    this.#channel = channel;
    this.#ports = ports;
  }

  protected override async send(payload: object, n: number): Promise<PushOutcome> {
    this.#attempts += 1;
    const port = this.#ports[this.#attempts % this.#ports.length] ?? 0;
    const { processId, name } = this.#channel;
    const { text } = payload as { readonly text: string };
    try {
      await coloniesClient(port, this.#channel).channelAppend(processId, name, n, 0, text);
      return "taken";
    } catch (error) {
      // The next node is told the same again.
      return isAway(error) ? "unanswered" : { refused: String(error) };
    }
  }
}
