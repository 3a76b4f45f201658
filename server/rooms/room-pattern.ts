/**
 * Whether a pattern covers a room: the room's exact name, or a prefix with one trailing `*`.
 *
 * @example
 * matches("chat:*", "chat:lobby"); // true
 * matches("chat:*", "chat"); // false
 * matches("*", "anything"); // true
 */
export function matches(pattern: string, room: string): boolean {
  return pattern.endsWith("*") ? room.startsWith(pattern.slice(0, -1)) : pattern === room;
}

/**
 * The first of the declared settings whose `match` covers the room, or `undefined` if none does.
 *
 * @example
 * firstMatch([{ match: "chat:staff" }, { match: "chat:*" }], "chat:lobby"); // { match: "chat:*" }
 */
export function firstMatch<T extends { readonly match: string }>(
  declared: readonly T[],
  room: string,
): T | undefined {
  return declared.find((settings) => matches(settings.match, room));
}
