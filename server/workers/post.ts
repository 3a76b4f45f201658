import { deserialize, serialize } from "node:v8";
import { LostRooms } from "../bus/lost-rooms.ts";
import { Backlog } from "./backlog.ts";

/** A message to all siblings. */
export interface Parcel {
  /** Who takes it there. */
  readonly topic: string;
  /** Of a broadcast: the rooms that it is for; none: everyone. */
  readonly rooms?: readonly string[];
  /** Which of its listeners is meant; undefined: all. */
  readonly to?: string;
  readonly body: Uint8Array | string;
}

/** Some parcels as they go to the primary, with what is lost where they are. */
export interface Bundle {
  readonly bytes: Uint8Array;
  /** How many of them are broadcasts. */
  readonly broadcasts: number;
  /** The rooms that these are for; undefined: any. */
  readonly rooms: readonly string[] | undefined;
}

/** What the post needs of its surroundings. */
export interface PostContext {
  /** Hands a bundle to the primary; `done` is called when it is on its way. */
  readonly send: (bundle: Bundle, done: () => void) => void;
  /** Takes what a listener threw. */
  readonly onCrash: (error: unknown) => void;
}

type Listener = (parcel: Parcel) => void;

/**
 * Carries messages between the workers of one server. What is sent in one turn of the event loop
 * goes out as one bundle, which the primary passes on unread. What a primary that is held up does
 * not take is kept up to a limit, and dropped from then on.
 */
export class Post {
  readonly #context: PostContext;
  readonly #listeners = new Map<string, Listener>();
  readonly #backlog = new Backlog();
  #waiting: Parcel[] = [];
  #waitingBytes = 0;

  constructor(context: PostContext) {
    this.#context = context;
  }

  /** Takes the parcels of a topic; one listener each. */
  on(topic: string, listener: Listener): void {
    this.#listeners.set(topic, listener);
  }

  /**
   * Sends a parcel to all siblings that are there.
   *
   * @returns false if it was dropped, because too much waits already
   */
  publish(parcel: Parcel): boolean {
    if (this.#backlog.isFull) return false;
    if (this.#waiting.length === 0) setImmediate(() => this.#flush(() => {}));
    this.#waiting.push(parcel);
    this.#waitingBytes += parcel.body.length;
    this.#backlog.add(parcel.body.length);
    return true;
  }

  /** Sends what waits; resolves when it is on its way. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => this.#flush(resolve));
  }

  /** Gives the parcels of a sibling's bundle to their listeners. */
  receive(bytes: Uint8Array): void {
    const parcels: readonly Parcel[] = deserialize(bytes);
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
    this.#backlog.remove(this.#waitingBytes);
    this.#waitingBytes = 0;
    if (parcels.length === 0) {
      done();
      return;
    }
    const bundle = bundleOf(parcels);
    const { byteLength } = bundle.bytes;
    this.#backlog.add(byteLength);
    this.#context.send(bundle, () => {
      this.#backlog.remove(byteLength);
      done();
    });
  }
}

function bundleOf(parcels: readonly Parcel[]): Bundle {
  const lost = new LostRooms();
  let broadcasts = 0;
  for (const { rooms } of parcels) {
    if (rooms === undefined) continue;
    broadcasts += 1;
    lost.add({ rooms: rooms.length === 0 ? undefined : rooms, lastMs: 0 });
  }
  return { bytes: serialize(parcels), broadcasts, rooms: lost.take().rooms };
}
