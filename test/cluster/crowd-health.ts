import type { Status } from "../../server/status.ts";
import type { CrowdNode } from "./crowd-node.ts";

/** What a node says of itself. */
export async function readHealth({ url }: CrowdNode): Promise<Status> {
  const response = await fetch(`${url}/health`);
  return (await response.json()) as Status;
}
