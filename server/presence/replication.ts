import type { Clock } from "../clock.ts";
import type { Presences } from "../rooms/presences.ts";
import { decodeMessage } from "./decode.ts";
import type { LinkListener, PresenceLink } from "./link.ts";
import type { Message } from "./message.ts";
import { OwnPresences } from "./own-presences.ts";
import type { Replica } from "./replica.ts";
import { isNewer, Replicas } from "./replicas.ts";
import { StateSender } from "./state-sender.ts";
import { Voice } from "./voice.ts";

/** What a replication needs of its surroundings. */
export interface ReplicationContext {
  readonly link: PresenceLink;
  /** Who is present; other nodes' presences are added to it. */
  readonly presences: Presences;
  readonly clock: Clock;
  /** Silence after which another node counts as gone. The same on all nodes. */
  readonly timeoutMs: number;
  /** How long own changes are gathered into one message. */
  readonly windowMs: number;
  /** A new random name of letters and digits. */
  readonly randomId: () => string;
  /** Told of each message that was ignored, since no node can have sent it. */
  readonly onRefused: () => void;
  /** Told of what an operator should know. */
  readonly onProblem: (problem: string, details: Readonly<Record<string, unknown>>) => void;
}

const HEARTBEAT_MS = 1000;
/** Heartbeats in a timeout, at least. */
const BEATS_PER_TIMEOUT = 10;
/** Messages that a node sends in a tick because of others' messages. */
const MAX_ANSWERS_PER_TICK = 2000;

/**
 * Makes one list of all nodes' presences.
 *
 * Every node is the only author of its own members' presences, and tells of them in numbered
 * changes; every node keeps everyone's. Who is new, or sees from a number that it has missed
 * something, asks the author for all it has.
 */
export class Replication implements LinkListener {
  readonly #context: ReplicationContext;
  readonly #id: string;
  readonly #voice: Voice;
  readonly #own: OwnPresences;
  readonly #sender: StateSender;
  readonly #replicas: Replicas;
  #givenName = "";
  #stopTicking: (() => void) | undefined;
  #isStopped: boolean = false;
  #hasHeardItself: boolean = false;
  #onAccepted: (() => void) | undefined;
  #answersLeft = MAX_ANSWERS_PER_TICK;

  constructor(context: ReplicationContext) {
    const { clock, link, windowMs, presences, randomId } = context;
    this.#context = context;
    this.#id = randomId() + randomId() + randomId();
    const voice = new Voice({ link, id: this.#id, startedAtMs: clock.now() });
    this.#voice = voice;
    this.#own = new OwnPresences({
      clock,
      windowMs,
      publish: (number, joins, leaves) => voice.tellChange(number, joins, leaves),
      onProblem: (problem) => context.onProblem(problem, {}),
    });
    this.#sender = new StateSender({
      clock,
      send: (to, nonce, snapshot, part) => voice.tellPart(to, nonce, snapshot, part),
    });
    this.#replicas = new Replicas(presences);
    presences.author = this.#own;
  }

  /** Name of the node, which may have had to take another than it was given. */
  get name(): string {
    return this.#voice.name;
  }

  /** How many other nodes are known. */
  get size(): number {
    return this.#replicas.size;
  }

  /**
   * Begins to tell and to hear.
   *
   * @param name of the node: the same after a restart, and no other node's; 1 to 200 characters
   */
  start(name: string): void {
    const { link, clock, timeoutMs } = this.#context;
    this.#voice.name = this.#givenName = name;
    const beatMs = Math.max(1, Math.min(HEARTBEAT_MS, timeoutMs / BEATS_PER_TIMEOUT));
    const maxSilentTicks = Math.ceil(timeoutMs / beatMs);
    this.#stopTicking = clock.every(beatMs, () => this.#tick(maxSilentTicks));
    link.open(this.#id, this);
  }

  /**
   * Resolves once all nodes are known that listen now, or after `timeoutMs`: who joins before hears
   * of them in diffs.
   */
  async ready(timeoutMs: number): Promise<void> {
    const count = (await this.#context.link.countOthers?.()) ?? 0;
    if (this.#replicas.size >= count) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#context.clock.after(timeoutMs, resolve);
      this.#onAccepted = () => {
        if (this.#replicas.size < count) return;
        cancel();
        resolve();
      };
    });
    this.#onAccepted = undefined;
  }

  /** Says goodbye: the others take this node's presences away at once. Harmless when repeated. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopTicking?.();
    this.#own.stop();
    this.#sender.stop();
    this.#context.presences.author = undefined;
    if (this.#stopTicking !== undefined) this.#voice.bye();
  }

  opened(): void {
    if (!this.#isStopped) this.#voice.beat();
  }

  refused(): void {
    this.#context.onRefused();
  }

  receive(bytes: string | Uint8Array): void {
    if (this.#isStopped) return;
    const message = decodeMessage(bytes);
    if (message?.id === this.#id) this.#hasHeardItself = true;
    else if (message === undefined || !this.#take(message)) this.#context.onRefused();
  }

  /** @returns false if the message makes no sense here */
  #take(message: Message): boolean {
    const { type, id } = message;
    if (type === "bye") {
      this.#replicas.forget(id);
      return true;
    }
    if (type === "ask" && message.to !== this.#id) return false;
    const replica = type === "state" ? this.#replicas.of(id) : this.#replicas.at(message);
    if (replica === undefined) return false;
    this.#hear(replica, message);
    if (type === "ask") {
      this.#answer(() => this.#sender.answer(id, message.nonce, this.#own.snapshot()));
    }
    this.#askIfNeeded(replica);
    return true;
  }

  #hear(replica: Replica, message: Message): void {
    const { isProven } = replica;
    replica.heard(message);
    if (message.type === "delta") replica.takeDelta(message);
    if (message.type === "state") replica.takeState(message);
    if (isProven || !replica.isProven) return;
    this.#replicas.accept(replica);
    this.#settleNames(replica);
    this.#onAccepted?.();
  }

  /** A restarted node takes the place of its former self. Two nodes of one name cannot both live. */
  #settleNames(replica: Replica): void {
    this.#replicas.replaceFormer(replica);
    const { head } = this.#voice;
    if (replica.name !== head.name || !isNewer(replica, head)) return;
    this.#voice.name = `${this.#givenName}~${this.#id}`;
    const details = { name: replica.name, newName: this.name };
    this.#context.onProblem("another node has this node's name; it takes another", details);
    this.#voice.beat();
  }

  #tick(maxSilentTicks: number): void {
    const isHearing = this.#hasHeardItself || !this.#context.link.echoes;
    this.#hasHeardItself = false;
    this.#answersLeft = MAX_ANSWERS_PER_TICK;
    this.#replicas.tick(isHearing, maxSilentTicks);
    for (const replica of this.#replicas.all()) this.#askIfNeeded(replica);
    this.#own.forgetSnapshot();
    this.#voice.beat();
  }

  #askIfNeeded(replica: Replica): void {
    if (!replica.isToBeAsked) return;
    this.#answer(() => {
      const nonce = this.#context.randomId() + this.#context.randomId();
      replica.asked(nonce);
      this.#voice.ask(replica.id, nonce);
    });
  }

  /** What strangers say does not make this node talk without end. */
  #answer(task: () => void): void {
    if (this.#answersLeft === 0) return;
    this.#answersLeft -= 1;
    task();
  }
}
