import type { Commonroom } from "../../server/index.ts";
import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
  type Process,
} from "../colonies-stream/colonies-client/index.ts";

/** What pages call the room. Its form is that of a group of AWX: a key, a hyphen, and an id. */
export const ROOM = "room-1";
/** The process's channel that is the room. */
export const CHANNEL = "room";

const COLONY = "my-colony";
const EXECUTOR_TYPE = "talker";

/** A process whose channel is the room. */
export interface TheRoom {
  /** Its name where no other is allowed: on Redis, and for Socket.IO. */
  readonly name: string;
  /** A client of ColonyOS with the key of the executor that has taken the process. */
  readonly executor: ColoniesClient;
  readonly executorId: string;
  readonly processId: string;
}

/**
 * Makes the one room. ColonyOS gives the channel of a process its name, AWX allows no colon in one,
 * so it has two: the rest may use either.
 *
 * @param commonroom listens, and is an open house: every key is welcome
 */
export async function openRoom(commonroom: Commonroom, port: number): Promise<TheRoom> {
  const { processid } = await submit(port);
  const name = `process:${processid}:${CHANNEL}`;
  commonroom.channel(name, { aliases: [ROOM] });
  const executorKey = generatePrivateKey();
  const executor = clientAt(port, executorKey);
  await executor.assign(COLONY, 1, executorKey);
  return { name, executor, executorId: deriveId(executorKey), processId: processid };
}

function submit(port: number): Promise<Process> {
  return clientAt(port, generatePrivateKey()).submitFunctionSpec({
    funcname: "talk",
    conditions: { colonyname: COLONY, executortype: EXECUTOR_TYPE },
    channels: [CHANNEL],
  });
}

function clientAt(port: number, privateKey: string): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(privateKey);
  return client;
}
