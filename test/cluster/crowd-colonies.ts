import type { WebSocket } from "ws";
import { ColoniesClient, deriveId } from "../../examples/colonies-stream/colonies-client/index.ts";
import type { CrowdReply, Seat } from "./crowd-member.ts";
import { CROWD_COLONY } from "./crowd-settings.ts";
import { CrowdSocketMember } from "./crowd-socket.ts";

/** A room that is a channel of a process, and who may use it. */
export interface CrowdChannel {
  readonly processId: string;
  readonly name: string;
  readonly privateKey: string;
}

const TIMEOUT_SECS = 600;
/** What says that a node is away, or goes. */
const AWAY =
  /ECONNREFUSED|ECONNRESET|socket hang up|before the connection was established|fetch failed|503/;

/** Whether an error says that a node is away, or goes: the same can be tried at another. */
export function isAway(error: unknown): boolean {
  return AWAY.test(error instanceof Error ? error.message : String(error));
}

/** A client of a node, with the key of a channel's user. */
export function coloniesClient(port: number, { privateKey }: CrowdChannel): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(privateKey);
  return client;
}

/** Submits a process with channels, and gives these by the names of their rooms. */
export async function openChannels(
  port: number,
  privateKey: string,
  count: number,
): Promise<Map<string, CrowdChannel>> {
  const channelNames = Array.from({ length: count }, (_, index) => `out${index}`);
  const { processid: processId } = await coloniesClient(port, {
    processId: "",
    name: "",
    privateKey,
  }).submitFunctionSpec({
    funcname: "speak",
    conditions: { colonyname: CROWD_COLONY, executortype: "none" },
    channels: channelNames,
  });
  return new Map(
    channelNames.map((name) => [`process:${processId}:${name}`, { processId, name, privateKey }]),
  );
}

/** A ColonyOS client that follows a channel. */
export class CrowdColoniesMember extends CrowdSocketMember {
  readonly #channel: CrowdChannel;
  /** Senders number their messages alone, so that a place in the channel is a count. */
  #count = 0;

  constructor(seat: Seat, channel: CrowdChannel) {
    super(seat);
    this.#channel = channel;
  }

  override get presenceKey(): string {
    return deriveId(this.#channel.privateKey);
  }

  protected override connect(): WebSocket {
    const { processId, name } = this.#channel;
    const socket = coloniesClient(this.nextPort(), this.#channel).subscribeChannel(
      processId,
      name,
      this.#count,
      TIMEOUT_SECS,
      (entries) => {
        this.#count += entries.length;
        for (const { payload } of entries) this.record.told({ text: payload });
      },
      (error) => {
        if (!isAway(error)) this.record.problems.push(String(error));
      },
      () => {},
    );
    socket.on("open", () => this.record.joined(this.attempt));
    return socket;
  }

  protected override ask(): Promise<CrowdReply> {
    throw new Error("this client appends by requests");
  }
}
