/** What an invitation may put right. */
const TOKEN_CODES = new Set(["token_missing", "token_invalid", "token_expired", "room_forbidden"]);

/** The tokens of this page, by room. They are kept nowhere else. */
const tokens = new Map();

/**
 * What a join of the room brings.
 *
 * @param {string} room
 * @param {string} name
 */
export function joinParams(room, name) {
  const token = tokens.get(room);
  return token === undefined ? { name } : { name, token };
}

/** @param {import("./connection.js").Refusal | undefined} refusal */
export function asksForToken(refusal) {
  return refusal !== undefined && TOKEN_CODES.has(refusal.code);
}

/**
 * Asks for a token of the room.
 *
 * @param {string} room
 * @param {string} code of the invitation
 * @returns {Promise<string | undefined>} why it was refused
 */
export async function askForToken(room, code) {
  const response = await fetch("invite", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ room, code }),
  });
  const { token, reason } = await response.json();
  if (response.ok) tokens.set(room, token);
  return reason;
}
