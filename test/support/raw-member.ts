import { connectRaw, type RawClient } from "./raw-client.ts";

/** A member over Phoenix V2 that keeps what it gets, letter by letter. */
export interface RawMember {
  readonly client: RawClient;
  /** The texts that came after the reply to its join. */
  readonly texts: readonly string[];
  /** What the reply calls it. */
  readonly id: string;
}

/** Joins a room over Phoenix V2; resolves once it is in. */
export async function joinRaw(
  { wsUrl }: { readonly wsUrl: string },
  room: string,
): Promise<RawMember> {
  const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
  client.send(["1", "1", room, "phx_join", {}]);
  const [, , , , { response }] = (await client.next()) as [
    0,
    0,
    0,
    0,
    { response: { id: string } },
  ];
  const texts: string[] = [];
  client.webSocket.on("message", (data: Buffer) => texts.push(data.toString()));
  return { client, texts, id: response.id };
}
