import { createHash } from "node:crypto";
import { RESP_TYPES } from "redis";
import type { Redis } from "./redis.ts";

const BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

interface Script {
  readonly text: string;
  readonly sha: string;
}

/** Runs Lua scripts on the publishing connection. Strings in what they give back are Buffers. */
export class Scripts {
  readonly #redis: Redis;
  readonly #scripts: ReadonlyMap<string, Script>;

  /** @param texts the scripts that will be run */
  constructor(redis: Redis, texts: readonly string[]) {
    this.#redis = redis;
    this.#scripts = new Map(texts.map((text) => [text, { text, sha: shaOf(text) }]));
    // First of all on each connection, so that no script is run in another order than it was sent.
    redis.onConnect((client) =>
      // A script that is not loaded is sent whole when it is run.
      Promise.all(texts.map((text) => client.sendCommand(["SCRIPT", "LOAD", text]))),
    );
  }

  /**
   * @param keys all of one slot, so that the script runs on a cluster too
   * @throws Error if Redis cannot be reached
   */
  async run(
    text: string,
    keys: readonly [string, ...string[]],
    values: readonly (string | Buffer)[],
  ): Promise<unknown> {
    const [key] = keys;
    const rest = [String(keys.length), ...keys, ...values];
    const sha = this.#scripts.get(text)?.sha ?? shaOf(text);
    try {
      return await this.#redis.send<unknown>(key, ["EVALSHA", sha, ...rest], BYTES);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return this.#redis.send<unknown>(key, ["EVAL", text, ...rest], BYTES);
    }
  }
}

function shaOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
