import type { Clock } from "../../../server/clock.ts";
import type { LinkListener, PresenceLink } from "../../../server/presence/link.ts";

/** What goes wrong on the way. */
export interface Faults {
  /** Share of the messages that are lost, 0 to 1. */
  readonly loss: number;
  /** Share of the messages that come twice. */
  readonly repetition: number;
  /** Longest time on the way; with more than 0, messages overtake each other. */
  readonly maxDelayMs: number;
}

/** Everything arrives, once, in its order and at once. */
export const noFaults: Faults = { loss: 0, repetition: 0, maxDelayMs: 0 };

interface Station {
  readonly id: string;
  readonly listener: LinkListener;
  /** Stations with the same number hear each other. */
  part: number;
  /** What has come while the node's process was stopped; undefined while it runs. */
  unread: (string | Uint8Array)[] | undefined;
}

/** What nodes say to each other, in memory and with faults. */
export class Network {
  faults = noFaults;
  /** All that was said. */
  readonly sent: { readonly to: string | undefined; readonly message: string }[] = [];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stations = new Map<string, Station>();

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A node's way into the network. */
  createLink(): TestLink {
    return new TestLink(this);
  }

  open(id: string, listener: LinkListener): Station {
    const station = { id, listener, part: 0, unread: undefined };
    this.#stations.set(id, station);
    return station;
  }

  close(id: string): void {
    this.#stations.delete(id);
  }

  get size(): number {
    return this.#stations.size;
  }

  /** Lets everyone hear everyone. */
  heal(): void {
    for (const station of this.#stations.values()) station.part = 0;
  }

  /** Sends to one station, or to all; `from` is undefined for a stranger, whom everybody hears. */
  send(from: Station | undefined, to: string | undefined, message: string | Uint8Array): void {
    this.sent.push({ to, message: message.toString() });
    for (const station of this.#stations.values()) {
      const isMeant = to === undefined || to === station.id;
      if (!isMeant || (from !== undefined && from.part !== station.part)) continue;
      if (this.#random() < this.faults.loss) continue;
      this.#deliver(station, message);
      if (this.#random() < this.faults.repetition) this.#deliver(station, message);
    }
  }

  #deliver(station: Station, message: string | Uint8Array): void {
    const delayMs = Math.floor(this.#random() * this.faults.maxDelayMs);
    this.#clock.after(delayMs, () => {
      if (this.#stations.get(station.id) !== station) return;
      if (station.unread === undefined) station.listener.receive(message);
      else station.unread.push(message);
    });
  }
}

/** A node's way into the network. */
export class TestLink implements PresenceLink {
  readonly echoes = true;
  readonly #network: Network;
  #station: Station | undefined;

  constructor(network: Network) {
    this.#network = network;
  }

  open(id: string, listener: LinkListener): void {
    this.#station = this.#network.open(id, listener);
    listener.opened();
  }

  publish(message: string): void {
    if (this.#station !== undefined) this.#network.send(this.#station, undefined, message);
  }

  tell(id: string, message: string): void {
    if (this.#station !== undefined) this.#network.send(this.#station, id, message);
  }

  readonly countOthers = async (): Promise<number> => this.#network.size - 1;

  /** Cuts the node off from those in other parts. */
  moveTo(part: number): void {
    if (this.#station !== undefined) this.#station.part = part;
  }

  /** Keeps what comes, as the system does for a process that is stopped. */
  pause(): void {
    if (this.#station !== undefined) this.#station.unread ??= [];
  }

  /** Lets the node read what has come. */
  resume(): void {
    if (this.#station === undefined) return;
    const { unread = [], listener } = this.#station;
    this.#station.unread = undefined;
    for (const message of unread) listener.receive(message);
  }

  /** Cuts the node off for good, as a crash does. */
  close(): void {
    if (this.#station !== undefined) this.#network.close(this.#station.id);
    this.#station = undefined;
  }

  /** Name of the node in the network. */
  get id(): string {
    return this.#station?.id ?? "";
  }
}
