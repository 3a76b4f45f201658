/**
 * How this page stands in its room.
 *
 * @typedef {"connecting" | "live" | "refused" | "offline" | "ended"} State
 */

/**
 * Why something was refused: a text for people and a name for programs.
 *
 * @typedef {{ reason: string, code: string }} Refusal
 */

/**
 * Who is present under one key, once for each connection.
 *
 * @typedef {{ key: string, metas: ReadonlyArray<{ name?: unknown, isTyping?: unknown }> }} Person
 */

/**
 * @typedef {{ id: string, name: string, text: string, at: number, mine: boolean }} Message
 */

/**
 * What a connection tells the page. Once it is closed it tells nothing more.
 *
 * @typedef {object} Listener
 * @property {(state: State, refusal?: Refusal) => void} onState
 * @property {(welcome: { you: string, notice: string }) => void} onJoined also after a reconnection
 * @property {(people: Person[]) => void} onPeople
 * @property {(message: Message) => void} onMessage
 */

/**
 * One connection, in one room at a time. There are two of these, one for each client library; the
 * rest of the page does not know which it has.
 *
 * @typedef {object} Connection
 * @property {(room: string, params: object) => void} join leaves the former room
 * @property {(event: string, payload: object) => Promise<Refusal | undefined>} push
 * resolves with the refusal, if it is one
 * @property {() => void} close
 */

/** @type {Refusal} */
export const NO_ANSWER = { reason: "no answer in time", code: "timeout" };

/** @type {Refusal} */
export const NOT_JOINED = { reason: "not in a room", code: "room_not_joined" };
