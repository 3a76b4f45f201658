import { pythonJson } from "./python-json.ts";

/** Frames that tell a relay which groups are wanted. */
type RelayFrame = (type: "subscribe" | "unsubscribe", groups: readonly string[]) => string;

/** What subscribers need of their surroundings. */
export interface SubscribersContext {
  /** A new name, unique among all nodes' subscribers of all times. */
  readonly createName: () => string;
  /** Sends a frame to every relay that is connected. */
  readonly tell: (frame: string) => void;
}

/** Someone who wants groups: a Tower connection, or a room with members of other dialects. */
export class Subscriber {
  readonly #frame: RelayFrame;
  readonly #tell: (frame: string) => void;
  readonly #onClose: (subscriber: Subscriber) => void;
  #groups = new Set<string>();

  constructor(
    frame: RelayFrame,
    tell: (frame: string) => void,
    onClose: (subscriber: Subscriber) => void,
  ) {
    this.#frame = frame;
    this.#tell = tell;
    this.#onClose = onClose;
  }

  /** The frame that says what is wanted now. */
  get state(): string {
    return this.#frame("subscribe", [...this.#groups]);
  }

  /** Tells the relays all that is wanted now, also where nothing is new. */
  announce(groups: Iterable<string>): void {
    this.#groups = new Set(groups);
    this.#tell(this.state);
  }

  /** Tells the relays what is not wanted any more. */
  leave(groups: readonly string[]): void {
    for (const group of groups) this.#groups.delete(group);
    this.#tell(this.#frame("unsubscribe", groups));
  }

  /** Tells the relays that nothing is wanted any more. */
  close(): void {
    this.leave([...this.#groups]);
    this.#onClose(this);
  }
}

/** Who wants which groups of this node, for relays that connect now or later. */
export class Subscribers {
  readonly #context: SubscribersContext;
  readonly #open = new Set<Subscriber>();
  readonly #towerSockets = new Set<string>();

  constructor(context: SubscribersContext) {
    this.#context = context;
  }

  /** What a relay that connects now has missed, a frame for each subscriber. */
  get states(): string[] {
    return [...this.#open].map(({ state }) => state);
  }

  /** Adds a Tower connection. */
  open(socketId: string): Subscriber {
    this.#towerSockets.add(socketId);
    return this.#add(() => this.#towerSockets.delete(socketId));
  }

  /** Adds a room. */
  openRoom(): Subscriber {
    return this.#add(() => {});
  }

  /** Whether a socket is a Tower connection, which tells of its rooms itself. */
  isTower(socketId: string): boolean {
    return this.#towerSockets.has(socketId);
  }

  #add(onClose: () => void): Subscriber {
    const { createName, tell } = this.#context;
    const origin_channel = createName();
    const subscriber = new Subscriber(
      (type, groups) => pythonJson({ type: `consumer.${type}`, groups, origin_channel }),
      tell,
      (closed) => {
        this.#open.delete(closed);
        onClose();
      },
    );
    this.#open.add(subscriber);
    return subscriber;
  }
}
