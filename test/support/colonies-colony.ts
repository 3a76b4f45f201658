import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { startServer, type TestServer } from "./server.ts";

/** A server with a colony, `my-colony`, and those who belong to it. */
export interface TestColony {
  readonly server: TestServer;
  /** A client with somebody's key. */
  clientOf(privateKey: string): ColoniesClient;
  readonly keys: {
    readonly serverOwner: string;
    readonly owner: string;
    readonly user: string;
    /** Of the type `my-executor-type`. */
    readonly executor: string;
    /** Of the type `chat-executor`. */
    readonly chatExecutor: string;
    /** Belongs to no colony. */
    readonly stranger: string;
  };
}

const COLONY = "my-colony";

/**
 * Starts a server with a colony; it ends with the test.
 *
 * @param redisUrl where it keeps what happens; in memory by default
 */
export async function startColony(redisUrl?: string): Promise<TestColony> {
  const makeKey = generatePrivateKey;
  const keys = {
    serverOwner: makeKey(),
    owner: makeKey(),
    user: makeKey(),
    executor: makeKey(),
    chatExecutor: makeKey(),
    stranger: makeKey(),
  };
  const executor = (type: string, key: string) => {
    return { colony: COLONY, name: `the-${type}`, type, id: deriveId(key) };
  };
  const server = await startServer({
    ...(redisUrl !== undefined && { redisUrl }),
    colonies: {
      serverId: deriveId(keys.serverOwner),
      colonies: [{ name: COLONY, id: deriveId(keys.owner) }],
      executors: [
        executor("my-executor-type", keys.executor),
        executor("chat-executor", keys.chatExecutor),
      ],
      users: [{ colony: COLONY, name: "ann", id: deriveId(keys.user) }],
    },
  });
  const clientOf = (privateKey: string): ColoniesClient => {
    const client = new ColoniesClient({ host: "127.0.0.1", port: server.port, tls: false });
    client.setPrivateKey(privateKey);
    return client;
  };
  return { server, clientOf, keys };
}
