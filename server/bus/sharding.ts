import type { Servers } from "./servers.ts";

/** Whether sharded pub/sub is used: where the server has it, always, or never. */
export type Sharding = "auto" | "on" | "off";

const PROBE_CHANNEL = "commonroom:canary";
/** What a server says that is older than Redis 7, or does not let this user. */
const REFUSALS = ["ERR unknown command", "NOPERM"];

/**
 * Whether Redis has sharded pub/sub. All nodes ask the same server, and so agree.
 *
 * @throws Error if the connection breaks
 */
export async function hasSharding(servers: Servers, sharding: Sharding = "auto"): Promise<boolean> {
  if (sharding !== "auto") return sharding === "on";
  try {
    await servers.ownerOf(PROBE_CHANNEL).sPublish(PROBE_CHANNEL, "");
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (REFUSALS.some((refusal) => message.startsWith(refusal))) return false;
    throw error;
  }
}
