import type { Eventual } from "../eventual.ts";
import { JsonText } from "../json-text.ts";
import { type PresenceAudience, PresenceDiffs } from "./presence-diffs.ts";
import { PresenceMetas } from "./presence-metas.ts";

/** What is told of one presence. `phx_ref` is unique and opaque. */
export type PresenceMeta = {
  readonly phx_ref: string;
  /** The `phx_ref` before an update. */
  readonly phx_ref_prev?: string;
} & Readonly<Record<string, unknown>>;

/** Presences by key, in Phoenix's shape. A channel may add members beside `metas`. */
export type PresenceState = Record<
  string,
  { metas: PresenceMeta[] } & Readonly<Record<string, unknown>>
>;

/** A change of presences, in Phoenix's shape. Joins are applied before leaves. */
export interface PresenceDiff {
  readonly joins: PresenceState;
  readonly leaves: PresenceState;
}

/** Who is in one room, on all nodes: key → metas, as in Phoenix. */
export class Presence {
  readonly #present = new PresenceMetas();
  /** Undefined while nobody on this node is to be told. */
  #diffs: PresenceDiffs | undefined;

  /** Tells the room's members on this node of all changes from now on. */
  open(audience: PresenceAudience): void {
    this.#diffs ??= new PresenceDiffs(audience);
  }

  /** Ends that, and drops what has not been told yet. Harmless when repeated. */
  close(): void {
    this.#diffs?.stop();
    this.#diffs = undefined;
  }

  /** Whether nobody is present, and nobody to be told. */
  get isIdle(): boolean {
    return this.#diffs === undefined && this.#present.isEmpty;
  }

  /** Adds one presence under its key. Returns whether it is new. */
  add(key: string, meta: PresenceMeta): boolean {
    if (!this.#present.put(key, meta)) return false;
    this.#diffs?.joined(key, meta);
    return true;
  }

  /** Takes one presence away. Unknown ones are ignored. */
  remove(key: string, ref: string): void {
    const meta = this.#present.take(key, ref);
    if (meta !== undefined) this.#diffs?.left(key, meta);
  }

  /** Everyone who is present, without decoration. */
  state(): PresenceState {
    return this.#present.toState();
  }

  /** Everyone who is present, as the members are told. */
  told(): Eventual<PresenceState> {
    const state = this.state();
    return this.#diffs?.adorn(state) ?? state;
  }

  /**
   * The same as a payload to be sent: as text where nothing is added, since a large room that many
   * join would else be made into text from its beginning for each of them.
   */
  payload(): Eventual<PresenceState | JsonText> {
    return this.#diffs?.isDecorated === true ? this.told() : new JsonText(this.#present.toText());
  }

  /** Sends that payload to one member, in its place among the diffs. */
  tell(send: (payload: PresenceState | JsonText) => void): void {
    this.#diffs?.tell(this.payload(), send);
  }
}
