import {
  type Listing,
  type RecordChange,
  type RecordListener,
  type RecordStore,
  RecordsUnavailable,
  type StoredRecord,
} from "../records/record-store.ts";
import { RecordWatchers } from "../records/record-watchers.ts";
import {
  decodeRecordMessage,
  type RecordMessage,
  removedMessage,
  writtenHead,
} from "./record-message.ts";
import {
  COUNT_RECORDS_SCRIPT,
  indexKeys,
  LIST_RECORDS_SCRIPT,
  RECORDS_CHANNEL,
  REMOVE_RECORD_SCRIPT,
  recordKey,
  WRITE_RECORD_SCRIPT,
} from "./record-scripts.ts";
import type { Redis } from "./redis.ts";
import { Scripts } from "./scripts.ts";

/** What records in Redis need of their surroundings. */
export interface RedisRecordsContext {
  readonly redis: Redis;
  /** Told of each message that was not understood. */
  readonly onRefused?: () => void;
  /** Told of what was not understood. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
  /** Told of what a listener threw. Default: `onProblem` is. */
  readonly onCrash?: (error: unknown) => void;
}

/** The records of all nodes, in Redis. A record is changed and its change published in one step. */
export class RedisRecords implements RecordStore {
  readonly #redis: Redis;
  readonly #onRefused: () => void;
  readonly #onProblem: RedisRecordsContext["onProblem"];
  readonly #scripts: Scripts;
  readonly #watchers: RecordWatchers;

  constructor({ redis, onRefused = () => {}, onProblem, onCrash }: RedisRecordsContext) {
    this.#redis = redis;
    this.#onRefused = onRefused;
    this.#onProblem = onProblem;
    this.#scripts = new Scripts(redis, [
      WRITE_RECORD_SCRIPT,
      REMOVE_RECORD_SCRIPT,
      LIST_RECORDS_SCRIPT,
      COUNT_RECORDS_SCRIPT,
    ]);
    const onThrown = (error: unknown): void =>
      onProblem(`a record's listener failed: ${String(error)}`, RECORDS_CHANNEL);
    this.#watchers = new RecordWatchers(onCrash ?? onThrown);
  }

  /** Hears of changes, now and after each reconnect. */
  listen(): void {
    const listener = (message: Buffer): void => this.#hear(message);
    void this.#redis.subscriptions.add({ kind: "channel", name: RECORDS_CHANNEL, listener });
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const [text, version] = await reached(
      this.#redis.send<unknown[]>(recordKey(key), ["HMGET", recordKey(key), "text", "version"]),
    );
    if (typeof text !== "string" || typeof version !== "string") return undefined;
    return { key, text, version: Number(version) };
  }

  async write({ key, text, version, places, lifeMs }: RecordChange): Promise<boolean> {
    const life = lifeMs === undefined ? "" : String(Math.max(0, Math.ceil(lifeMs)));
    const head = writtenHead(this.#redis.seal, key, text);
    const values = [key, String(version), text, life, head, RECORDS_CHANNEL];
    const flatPlaces = places.flatMap(([index, score]) => [index, String(score)]);
    return (
      (await this.#run(WRITE_RECORD_SCRIPT, [recordKey(key)], [...values, ...flatPlaces])) === 1
    );
  }

  async remove(key: string, version: number): Promise<boolean> {
    const removed = removedMessage(this.#redis.seal, key);
    const values = [key, String(version), removed, RECORDS_CHANNEL];
    return (await this.#run(REMOVE_RECORD_SCRIPT, [recordKey(key)], values)) === 1;
  }

  async list(index: string, listing: Listing): Promise<readonly StoredRecord[]> {
    const { upTo, limit, isDescending = false } = listing;
    const values = [
      index,
      upTo === undefined ? "+inf" : String(upTo),
      Number.isFinite(limit) ? String(Math.max(0, limit)) : "-1",
      isDescending ? "1" : "0",
    ];
    return toRecords((await this.#run(LIST_RECORDS_SCRIPT, indexKeys(index), values)) as Buffer[]);
  }

  async count(index: string): Promise<number> {
    return Number(await this.#run(COUNT_RECORDS_SCRIPT, indexKeys(index), []));
  }

  watch(listener: RecordListener): () => void {
    return this.#watchers.add(listener);
  }

  /** There are no timers: lives end in Redis. */
  stop(): void {}

  #run(
    text: string,
    keys: readonly [string, ...string[]],
    values: readonly string[],
  ): Promise<unknown> {
    return reached(this.#scripts.run(text, keys, values));
  }

  #hear(message: Buffer): void {
    let heard: RecordMessage;
    try {
      heard = decodeRecordMessage(message, this.#redis.seal);
    } catch {
      this.#onRefused();
      this.#onProblem("record message not understood", RECORDS_CHANNEL);
      return;
    }
    this.#watchers.tell(heard.key, heard.text);
  }
}

async function reached<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    throw new RecordsUnavailable("the records cannot be reached", { cause: error });
  }
}

function toRecords(parts: readonly Buffer[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const [key, text, version] = parts.slice(at, at + 3).map(String);
    records.push({ key: key ?? "", text: text ?? "", version: Number(version) });
  }
  return records;
}
