/** Parts of a handshake that no other node is told: a token may be in each of them. */
const SECRET_PARTS = { headers: {}, auth: {}, query: {} } as const;

/** What nodes tell each other of a socket, without anything that could be a token. */
export function withoutSecrets(socket: unknown): unknown {
  if (typeof socket !== "object" || socket === null || !("handshake" in socket)) return socket;
  const { handshake } = socket;
  if (typeof handshake !== "object" || handshake === null) return socket;
  const url: unknown = "url" in handshake ? handshake.url : undefined;
  const [path = ""] = typeof url === "string" ? url.split("?", 1) : [];
  return { ...socket, handshake: { ...handshake, ...SECRET_PARTS, url: path } };
}
