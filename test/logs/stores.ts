import type { CommonroomOptions } from "../../server/index.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Where logs are kept. */
export const stores = ["memory", "Redis"] as const;

/** One of the places where logs are kept. */
export type Store = (typeof stores)[number];

/** Starts a server whose logs are kept there; it is closed when the test ends. */
export async function startLogServer(
  store: Store,
  options: CommonroomOptions,
): Promise<TestServer> {
  if (store === "memory") return startServer(options);
  const { url } = await startRedis();
  return startServer({ ...options, redisUrl: url });
}
