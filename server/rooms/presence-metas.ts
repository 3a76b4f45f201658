import type { PresenceMeta, PresenceState } from "./presence.ts";

/** Presences of one room: key → `phx_ref` → meta. */
export class PresenceMetas {
  readonly #keys = new Map<string, Map<string, PresenceMeta>>();

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
    return true;
  }

  /** Takes a presence out, and returns it if it was there. */
  take(key: string, ref: string): PresenceMeta | undefined {
    const metas = this.#keys.get(key);
    const meta = metas?.get(ref);
    metas?.delete(ref);
    if (metas?.size === 0) this.#keys.delete(key);
    return meta;
  }

  /** `Object.fromEntries` defines own properties, so a key such as `__proto__` is an ordinary one. */
  toState(): PresenceState {
    return Object.fromEntries(
      Array.from(this.#keys, ([key, metas]) => [key, { metas: [...metas.values()] }]),
    );
  }
}
