import type { Clock } from "../clock.ts";
import type { PresenceMeta } from "../rooms/presence.ts";
import type { PresenceAuthor } from "../rooms/presences.ts";
import { chunksOf, listText, MAX_ENTRY_BYTES } from "./chunks.ts";
import type { Entry } from "./message.ts";

/** All presences of this node after the change `number`, in parts that fit into messages. */
export interface Snapshot {
  readonly number: number;
  /** JSON texts of entries, separated by commas; at least one part, which may be empty. */
  readonly parts: readonly string[];
}

/** What a node's own presences need of their surroundings. */
export interface OwnPresencesContext {
  readonly clock: Clock;
  /** How long changes are gathered. */
  readonly windowMs: number;
  /** Tells the other nodes of the change `number`. Both are insides of JSON lists. */
  readonly publish: (number: number, joins: string, leaves: string) => void;
  /** Told of a presence that is too large to be told. */
  readonly onProblem: (problem: string) => void;
}

interface Change {
  readonly isJoin: boolean;
  readonly text: string;
}

/** The presences of a node's own members: it alone tells of them, in numbered changes. */
export class OwnPresences implements PresenceAuthor {
  readonly #context: OwnPresencesContext;
  readonly #present = new Map<string, Entry>();
  /** What has not been told yet, by `phx_ref`. */
  #joins = new Map<string, Entry>();
  #leaves: string[] = [];
  #number = 0;
  #cancel: (() => void) | undefined;
  #snapshot: Snapshot | undefined;

  constructor(context: OwnPresencesContext) {
    this.#context = context;
  }

  joined(room: string, key: string, meta: PresenceMeta): void {
    const entry: Entry = [room, key, meta];
    this.#present.set(meta.phx_ref, entry);
    this.#joins.set(meta.phx_ref, entry);
    this.#schedule();
  }

  left(_room: string, _key: string, ref: string): void {
    if (!this.#present.delete(ref)) return;
    if (this.#joins.delete(ref)) return;
    this.#leaves.push(ref);
    this.#schedule();
  }

  /** All that is present now. What has not been told yet is told before. */
  snapshot(): Snapshot {
    this.#flush();
    this.#snapshot ??= {
      number: this.#number,
      parts: partsOf([...this.#present.values()].flatMap(textOf)),
    };
    return this.#snapshot;
  }

  /** Frees the memory of the last snapshot. */
  forgetSnapshot(): void {
    this.#snapshot = undefined;
  }

  /** Tells nothing more. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { clock, windowMs } = this.#context;
    this.#cancel ??= clock.after(windowMs, () => this.#flush());
  }

  #flush(): void {
    this.stop();
    for (const changes of chunksOf(this.#takeChanges())) {
      this.#number += 1;
      this.#snapshot = undefined;
      const joins = listText(changes.filter(({ isJoin }) => isJoin));
      const leaves = listText(changes.filter(({ isJoin }) => !isJoin));
      this.#context.publish(this.#number, joins, leaves);
    }
  }

  #takeChanges(): Change[] {
    const changes: Change[] = [];
    for (const [ref, entry] of this.#joins) {
      const [told] = textOf(entry);
      if (told === undefined) this.#leaveOut(ref);
      else changes.push({ isJoin: true, ...told });
    }
    for (const ref of this.#leaves) changes.push({ isJoin: false, text: JSON.stringify(ref) });
    this.#joins = new Map();
    this.#leaves = [];
    return changes;
  }

  #leaveOut(ref: string): void {
    this.#present.delete(ref);
    this.#context.onProblem("presence too large to be told to other nodes");
  }
}

/** The JSON text of an entry, or nothing where no message can carry it. */
function textOf(entry: Entry): { readonly text: string }[] {
  const text = JSON.stringify(entry);
  return Buffer.byteLength(text) > MAX_ENTRY_BYTES ? [] : [{ text }];
}

function partsOf(items: readonly { readonly text: string }[]): string[] {
  const parts = chunksOf(items).map(listText);
  return parts.length === 0 ? [""] : parts;
}
