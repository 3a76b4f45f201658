import type { CommonroomOptions, Surroundings } from "../../server/index.ts";
import { type Nginx, type NginxOptions, startNginx } from "../support/nginx.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** A node, and the nginx in front of it. */
export interface NodeBehindNginx {
  readonly node: TestServer;
  readonly nginx: Nginx;
  /** The node with the addresses that clients use. */
  readonly front: TestServer;
}

/** Starts a node and nginx in front of it; both end with the test. */
export async function startBehindNginx(
  options: CommonroomOptions = {},
  surroundings: Surroundings = {},
  times: NonNullable<NginxOptions["times"]> = {},
): Promise<NodeBehindNginx> {
  const node = await startServer(options, surroundings);
  const nginx = await startNginx({ nodePorts: [node.port], times });
  return { node, nginx, front: inFront(node, nginx) };
}

/** A node with the addresses of the nginx in front of it. */
export function inFront(node: TestServer, { url, wsUrl, port }: Nginx): TestServer {
  return { ...node, url, wsUrl, port };
}
