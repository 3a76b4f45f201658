import { connectRaw, type RawClient } from "./raw-client.ts";
import type { TestServer } from "./server.ts";

/** Connects a client without any library at `/ws`. */
export function connectPlain({ wsUrl }: Pick<TestServer, "wsUrl">, query = ""): Promise<RawClient> {
  return connectRaw(`${wsUrl}/ws${query}`);
}

/** Connects, and joins a room; the reply has been taken. */
export async function joinPlain(
  server: Pick<TestServer, "wsUrl">,
  room: string,
  more: object = {},
): Promise<RawClient> {
  const client = await connectPlain(server);
  client.send({ type: "_join", room, _id: "join", ...more });
  const reply = (await client.next()) as { readonly status: string };
  if (reply.status !== "ok") throw new Error(JSON.stringify(reply));
  return client;
}

/** All that a client gets until what it has sent so far has been handled, without the last reply. */
export async function heardBy(client: RawClient): Promise<unknown[]> {
  client.send({ type: "_leave", room: "nobody's room", _id: "barrier" });
  const heard: unknown[] = [];
  for (;;) {
    const message = await client.next();
    const { _re } = message as { readonly _re?: unknown };
    if (_re === "barrier") return heard;
    heard.push(message);
  }
}
