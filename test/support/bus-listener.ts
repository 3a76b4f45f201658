import type { RedisClientType } from "redis";
import { until } from "./until.ts";

/** What a backend has heard on Redis. */
export interface HeardMessage {
  readonly channel: string;
  readonly payload: string;
}

/** A backend that listens to a pattern and keeps all it hears, as `redis-cli psubscribe` does. */
export class BusListener {
  readonly heard: HeardMessage[] = [];

  /** Subscribes; messages published after it has resolved are heard. */
  async listen(client: RedisClientType, pattern: string): Promise<this> {
    await client.pSubscribe(pattern, (payload, channel) => this.heard.push({ channel, payload }));
    return this;
  }

  /** The JSON payload of the first message on a channel, waiting for it if need be. */
  async json(channel: string): Promise<unknown> {
    const found = await until(`a message on ${channel}`, () =>
      this.heard.find((message) => message.channel === channel),
    );
    return JSON.parse(found.payload);
  }

  /** The channels heard so far, in order. */
  get channels(): string[] {
    return this.heard.map((message) => message.channel);
  }
}
