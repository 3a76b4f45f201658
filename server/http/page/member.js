/**
 * How one panel stands in its room.
 *
 * @typedef {"connecting" | "joined" | "refused" | "offline" | "ended"} State
 */

/**
 * Why something was refused.
 *
 * @typedef {{ reason: string, code: string }} Refusal
 */

/**
 * Who is present under one key, and with what.
 *
 * @typedef {{ key: string, metas: ReadonlyArray<Record<string, unknown>> }} Presence
 */

/**
 * What a member tells its panel.
 *
 * @typedef {object} Listener
 * @property {(state: State, refusal?: Refusal) => void} onState
 * @property {(present: Presence[]) => void} onPresence
 * @property {(event: string, payload: unknown) => void} onMessage
 */

/**
 * A member of one room at a time, whatever library carries it.
 *
 * @typedef {object} Member
 * @property {(room: string, token: string) => void} join leaves the former room
 * @property {(event: string, payload: unknown) => Promise<Refusal | undefined>} push
 * resolves once it is answered, with the refusal if it is one
 */

/** @type {Refusal} */
export const NO_ANSWER = { reason: "no answer in time", code: "timeout" };

/** @type {Refusal} */
export const NOT_JOINED = { reason: "not in a room", code: "" };

/**
 * Reads a refusal that came from the network.
 *
 * @param {unknown} response
 * @returns {Refusal}
 */
export function readRefusal(response) {
  /** @type {{ reason?: unknown, code?: unknown }} */
  const { reason, code } = typeof response === "object" && response !== null ? response : {};
  return { reason: String(reason ?? "refused"), code: String(code ?? "") };
}

/**
 * What a join brings. The token travels here, not in the address.
 *
 * @param {string} token
 * @param {Record<string, unknown>} meta
 */
export function joinParams(token, meta) {
  return token === "" ? { meta } : { meta, token };
}
