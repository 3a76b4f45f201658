/**
 * Who is in a room, merged from `presence_state` and `presence_diff`: all that a client without
 * phoenix.js's `Presence` needs.
 */
export class PresenceList {
  /** Metas by `phx_ref`, by key. @type {Map<string, Map<string, Record<string, unknown>>>} */
  #present = new Map();

  /** Takes a `presence_state`: everyone. @param {object} state */
  replace(state) {
    this.#present.clear();
    this.#add(state);
  }

  /** Takes a `presence_diff`: joins, then leaves. @param {{ joins: object, leaves: object }} diff */
  change({ joins, leaves }) {
    this.#add(joins);
    for (const [key, { metas }] of Object.entries(leaves)) {
      const present = this.#present.get(key);
      for (const meta of metas) present?.delete(meta.phx_ref);
      if (present?.size === 0) this.#present.delete(key);
    }
  }

  /** @returns {import("./member.js").Presence[]} */
  list() {
    return Array.from(this.#present, ([key, metas]) => ({ key, metas: [...metas.values()] }));
  }

  /** @param {object} joins */
  #add(joins) {
    for (const [key, { metas }] of Object.entries(joins)) {
      const present = this.#present.get(key) ?? new Map();
      for (const meta of metas) present.set(meta.phx_ref, meta);
      this.#present.set(key, present);
    }
  }
}
