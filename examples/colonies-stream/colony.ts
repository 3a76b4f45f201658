import { randomBytes } from "node:crypto";
import type { CommonroomOptions } from "../../server/index.ts";
import { deriveId, generatePrivateKey } from "./colonies-client/index.ts";

/** The colony of this example, and the type of its executor. */
export const COLONY = "my-colony";
export const EXECUTOR_TYPE = "stream-executor";

const SECRET_BYTES = 32;

/** Who takes part in one run of the example. */
export interface Parties {
  /** Private key of the colony's executor. */
  readonly executorKey: string;
  /** Private key of the colony's user, in whose name the page's server submits. */
  readonly userKey: string;
  /** Signs the tokens with which pages join rooms. */
  readonly jwtSecret: string;
  /** What the server is told of them: identities, and no private key. */
  readonly options: Pick<CommonroomOptions, "auth" | "colonies">;
}

/** Makes new keys and the colony that they belong to. */
export function createParties(): Parties {
  const [ownerKey, executorKey, userKey] = [
    generatePrivateKey(),
    generatePrivateKey(),
    generatePrivateKey(),
  ];
  const jwtSecret = randomBytes(SECRET_BYTES).toString("hex");
  const executor = { colony: COLONY, name: "streamer", type: EXECUTOR_TYPE };
  return {
    executorKey,
    userKey,
    jwtSecret,
    options: {
      auth: { jwtSecret },
      colonies: {
        colonies: [{ name: COLONY, id: deriveId(ownerKey) }],
        executors: [{ ...executor, id: deriveId(executorKey) }],
        users: [{ colony: COLONY, name: "page", id: deriveId(userKey) }],
      },
    },
  };
}
