import { until } from "../../support/until.ts";
import type { ServerProcess } from "../server-process.ts";

const PATIENCE_MS = 20_000;

/** Waits until no node has a connection any more. */
export async function untilEmpty(nodes: readonly ServerProcess[]): Promise<void> {
  for (const { port } of nodes) {
    const isEmpty = async (): Promise<boolean> => (await connectionsAt(port)) === 0;
    await until("connections to end", isEmpty, PATIENCE_MS);
  }
}

async function connectionsAt(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`);
  const status: unknown = await answer.json();
  if (typeof status !== "object" || status === null || !("connections" in status)) {
    throw new Error("a node does not tell its connections");
  }
  return status.connections;
}
