import { deserialize, serialize } from "node:v8";

/** A message to all siblings. */
export interface Parcel {
  /** Who takes it there. */
  readonly topic: string;
  /** What decides whether the body need be read; its meaning is the topic's. */
  readonly label: unknown;
  readonly body: Uint8Array | string;
}

/** What the post needs of its surroundings. */
export interface PostContext {
  /** Hands a bundle to the primary; `done` is called when it is on its way. */
  readonly send: (bundle: Uint8Array, done: () => void) => void;
  /** Takes what a listener threw. */
  readonly onCrash: (error: unknown) => void;
}

type Listener = (parcel: Parcel) => void;

/**
 * Carries messages between the workers of one server. What is sent in one turn of the event loop
 * goes out as one bundle, which the primary passes on unread.
 */
export class Post {
  readonly #context: PostContext;
  readonly #listeners = new Map<string, Listener>();
  #waiting: Parcel[] = [];

  constructor(context: PostContext) {
    this.#context = context;
  }

  /** Takes the parcels of a topic; one listener each. */
  on(topic: string, listener: Listener): void {
    this.#listeners.set(topic, listener);
  }

  /** Sends a parcel to all siblings that are there. */
  publish(parcel: Parcel): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush(() => {}));
    this.#waiting.push(parcel);
  }

  /** Sends what waits; resolves when it is on its way. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => this.#flush(resolve));
  }

  /** Gives the parcels of a sibling's bundle to their listeners. */
  receive(bundle: Uint8Array): void {
    const parcels: readonly Parcel[] = deserialize(bundle);
    for (const parcel of parcels) {
      try {
        this.#listeners.get(parcel.topic)?.(parcel);
      } catch (error) {
        this.#context.onCrash(error);
      }
    }
  }

  #flush(done: () => void): void {
    const parcels = this.#waiting;
    this.#waiting = [];
    if (parcels.length === 0) done();
    else this.#context.send(serialize(parcels), done);
  }
}
