import { ErrorReply } from "redis";
import type { Servers } from "./servers.ts";

/** What a server answers that is no master any more, or whose cluster has changed or is broken. */
const NO_MASTER = ["READONLY", "MASTERDOWN", "MOVED", "CLUSTERDOWN"];
/** What a master of a cluster answers when it is asked for a key of another. */
const ELSEWHERE = "MOVED";
/** What any node of a cluster answers when it is asked for keys of several slots. */
const OF_A_CLUSTER = "CROSSSLOT";
const HINT = "it is a node of a cluster, whose address begins with redis+cluster:";

/**
 * Asks each server for something that only a master does: to it alone the others listen.
 *
 * @param key is not changed
 * @throws Error if one of them is a replica, or a cluster's where one server was expected, or does
 * not answer
 */
export async function mustBeMasters(servers: Servers, key: string): Promise<void> {
  // Nothing is there to be removed, and a replica refuses all the same.
  const command = servers.isCluster ? ["DEL", key] : ["DEL", `${key}:{a}`, `${key}:{b}`];
  await Promise.all(servers.all.map((client) => client.sendCommand(command).catch(check)));

  function check(error: unknown): void {
    const message = messageOf(error);
    if (servers.isCluster && message.startsWith(ELSEWHERE)) return;
    if (message.startsWith(OF_A_CLUSTER)) throw new Error(HINT);
    // What else it says does not keep it from publishing.
    if (saysNoMaster(error) || !(error instanceof ErrorReply)) throw error;
  }
}

/** Whether an error says that another server has to be found. */
export function saysNoMaster(error: unknown): boolean {
  return NO_MASTER.some((word) => messageOf(error).startsWith(word));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
