import type { Clock } from "../../../clock.ts";
import type { RoomSettings } from "../../../options.ts";
import { RecordsUnavailable } from "../../../records/record-store.ts";
import type { Backends } from "../../../rooms/backends.ts";
import type { RoomLogs } from "../../../rooms/log/room-logs.ts";
import type { KnownProcesses, Membership, Process } from "../processes/process.ts";
import { done, type Failure, type Outcome } from "../wire/outcome.ts";
import type { RequestOf } from "../wire/request.ts";
import { AppendRate, type AppendRateSettings } from "./append-rate.ts";
import {
  type ChannelRequest,
  channelMissing,
  logFull,
  notAuthorised,
  payloadTooLarge,
  processMissing,
  rateExceeded,
  storageUnreachable,
} from "./channel-failures.ts";
import { ChannelReader, type ReadLimits } from "./channel-reader.ts";
import { channelRoom, isOpen, KEEP_ROOM_MS } from "./channel-room.ts";
import { draftOf, type WireEntry } from "./entry.ts";

/** What channels need of their surroundings. */
export interface ChannelsContext {
  readonly logs: Pick<RoomLogs, "append" | "read" | "forget">;
  readonly backends: Pick<Backends, "publish">;
  readonly processes: Pick<KnownProcesses, "find">;
  readonly membership: Membership;
  readonly clock: Pick<Clock, "now">;
  readonly settings: AppendRateSettings & {
    /** Largest payload of an entry. */
    readonly maxPayloadBytes: number;
    /** What the configuration says of a room. */
    readonly roomSettingsOf: (room: string) => Pick<RoomSettings, "deliver">;
  };
}

/** A channel that its user may use. */
export interface OpenChannel {
  /** The room that it is. */
  readonly room: string;
  readonly process: Process;
}

/** Most that the answer to one read holds, in characters of JSON text; the next read goes on. */
const MAX_ANSWER_CHARS = 1_048_576;

/** The channels of processes, for those who may use them: the submitter and the executor. */
export class Channels {
  /** Reads the logs of channels, for those who have been let in. */
  readonly reader: ChannelReader;
  readonly #context: ChannelsContext;
  readonly #rate: AppendRate;

  constructor(context: ChannelsContext) {
    this.#context = context;
    this.reader = new ChannelReader(context.logs);
    this.#rate = new AppendRate(context.settings, context.clock);
  }

  /**
   * Lets a user in: the process is known, the user belongs to its colony, the channel is there, and
   * the user is the submitter or the assigned executor. Never rejects for want of the storage.
   */
  async authorise(request: ChannelRequest, signer: string): Promise<Outcome<OpenChannel>> {
    return this.#reaching(request, () => this.#authorise(request, signer));
  }

  /** Appends a message. Once it is answered well it is in the log. */
  async append(
    request: RequestOf<"channelappendmsg">,
    signer: string,
  ): Promise<Outcome<Readonly<Record<string, never>>>> {
    return this.#reaching(request, async () => {
      const channel = await this.#authorise(request, signer);
      if (!channel.ok) return channel;
      const failure = this.#excess(request) ?? (await this.#log(request, signer, channel.value));
      return failure === undefined ? done({}) : { ok: false, failure };
    });
  }

  /**
   * Reads entries after `afterseq`, at most `limit` of them and about 1 MiB: the next read goes on.
   * A limit of 0 or less is none.
   */
  async read(
    request: RequestOf<"channelreadmsg">,
    signer: string,
  ): Promise<Outcome<readonly WireEntry[]>> {
    return this.#reaching(request, async () => {
      const channel = await this.#authorise(request, signer);
      if (!channel.ok) return channel;
      const { room } = channel.value;
      const place = await this.reader.placeAfter(room, request.afterseq);
      if (place === undefined) return { ok: false, failure: storageUnreachable(request) };
      const maxEntries = request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
      const limits: ReadLimits = { maxEntries, maxChars: MAX_ANSWER_CHARS };
      const read = await this.reader.read(room, place, limits);
      if (read === undefined) return { ok: false, failure: storageUnreachable(request) };
      return done(read.entries);
    });
  }

  async #authorise(request: ChannelRequest, signer: string): Promise<Outcome<OpenChannel>> {
    const { processid: processId, name } = request;
    const { processes, membership } = this.#context;
    const process = await processes.find(processId);
    if (process === undefined) return { ok: false, failure: processMissing(request) };
    const failure = await membership.failure(signer, process.spec.conditions.colonyname);
    if (failure !== undefined) return { ok: false, failure };
    if (!isOpen(process, name)) return { ok: false, failure: channelMissing(request) };
    const isParty = signer === process.initiatorid || signer === process.assignedexecutorid;
    if (!isParty) return { ok: false, failure: notAuthorised(request) };
    return done({ process, room: channelRoom({ processId, name }) });
  }

  /** What is too much of a message. */
  #excess({ payload, processid }: RequestOf<"channelappendmsg">): Failure | undefined {
    if ((payload?.byteLength ?? 0) > this.#context.settings.maxPayloadBytes) {
      return payloadTooLarge;
    }
    return this.#rate.take(processid) ? undefined : rateExceeded;
  }

  async #log(
    request: RequestOf<"channelappendmsg">,
    signer: string,
    { room }: OpenChannel,
  ): Promise<Failure | undefined> {
    const { logs, processes, backends, settings } = this.#context;
    const draft = draftOf(request, signer);
    const appended = await logs.append(room, draft);
    if (!appended.ok) {
      return appended.reason === "full" ? logFull : storageUnreachable(request);
    }
    const isForBackends = settings.roomSettingsOf(room).deliver !== "members";
    if (isForBackends && !appended.isRepeated) backends.publish(room, draft.event, draft.payload);
    // Who came too late is told so: perhaps nobody reads what they said.
    const process = await processes.find(request.processid);
    if (isOpen(process, request.name)) return undefined;
    // Where this has begun the log, nobody else forgets it.
    await logs.forget(room, process === undefined ? 0 : KEEP_ROOM_MS);
    return channelMissing(request);
  }

  async #reaching<Value>(
    request: ChannelRequest,
    answer: () => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof RecordsUnavailable)
        return { ok: false, failure: storageUnreachable(request) };
      throw error;
    }
  }
}
