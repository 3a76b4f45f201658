import { until } from "../../support/until.ts";
import type { ServerProcess } from "../server-process.ts";

const PRESENCE = Buffer.from('"phx_ref":');

/** Waits until a node lists so many presences in a room, and resolves with the time of its answer. */
export async function untilListed(
  { port }: ServerProcess,
  room: string,
  members: number,
  patienceMs: number,
): Promise<number> {
  const url = `http://127.0.0.1:${port}/rooms/${encodeURIComponent(room)}/presence`;
  let listed = 0;
  const isComplete = async (): Promise<boolean> => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`a node answers ${answer.status} to ${url}`);
    // Counted, not parsed: the list may be long, and the time counts.
    listed = countIn(Buffer.from(await answer.arrayBuffer()));
    return listed === members;
  };
  await until(`${members} presences`, isComplete, patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; ${listed} are listed`);
  });
  return performance.now();
}

function countIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(PRESENCE); at >= 0; count += 1) {
    at = bytes.indexOf(PRESENCE, at + PRESENCE.length);
  }
  return count;
}
