import type { PresenceMeta, PresenceState } from "./presence.ts";

/** Presences of one room: key → `phx_ref` → meta. */
export class PresenceMetas {
  readonly #keys = new Map<string, Map<string, PresenceMeta>>();
  /** Members of the state's JSON text, as far as they have been made and are still right. */
  #texts: Map<string, string> | undefined;

  /** Whether nobody is in it. */
  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  /** Adds a presence. One with a known `phx_ref` changes nothing. Returns whether it is new. */
  put(key: string, meta: PresenceMeta): boolean {
    const metas = this.#keys.get(key);
    if (metas === undefined) this.#keys.set(key, new Map([[meta.phx_ref, meta]]));
    else if (metas.has(meta.phx_ref)) return false;
    else metas.set(meta.phx_ref, meta);
    this.#texts?.delete(key);
    return true;
  }

  /** Takes a presence out, and returns it if it was there. */
  take(key: string, ref: string): PresenceMeta | undefined {
    const metas = this.#keys.get(key);
    const meta = metas?.get(ref);
    metas?.delete(ref);
    if (metas?.size === 0) this.#keys.delete(key);
    this.#texts?.delete(key);
    return meta;
  }

  /** `Object.fromEntries` defines own properties, so a key such as `__proto__` is an ordinary one. */
  toState(): PresenceState {
    return Object.fromEntries(
      Array.from(this.#keys, ([key, metas]) => [key, { metas: [...metas.values()] }]),
    );
  }

  /** The state as JSON text, of which only what has changed since the last time is made anew. */
  toText(): string {
    this.#texts ??= new Map();
    const members: string[] = [];
    for (const [key, metas] of this.#keys) {
      let text = this.#texts.get(key);
      if (text === undefined) {
        text = textOf(key, metas);
        this.#texts.set(key, text);
      }
      members.push(text);
    }
    return `{${members.join()}}`;
  }
}

function textOf(key: string, metas: ReadonlyMap<string, PresenceMeta>): string {
  return `${JSON.stringify(key)}:${JSON.stringify({ metas: [...metas.values()] })}`;
}
