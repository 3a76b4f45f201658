import { onTestFinished } from "vitest";
import { Redis } from "../../server/bus/redis.ts";
import { StreamLogs } from "../../server/bus/stream-logs.ts";
import { type Clock, systemClock } from "../../server/clock.ts";
import { JsonText } from "../../server/json-text.ts";
import { type Limits, optionsSchema } from "../../server/options.ts";
import type { Draft } from "../../server/rooms/log/entry.ts";
import type { LogSettings } from "../../server/rooms/log/log-settings.ts";
import type { LogStore, LogStoreContext, Page } from "../../server/rooms/log/log-store.ts";
import { MemoryLogs } from "../../server/rooms/log/memory-logs.ts";
import { startRedis } from "../support/redis-server.ts";
import type { Store } from "./stores.ts";

/** How the logs are kept, by the start of their rooms' names. */
export interface GivenLogs {
  readonly settings: Readonly<Record<string, LogSettings>>;
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  /** Default: no room has members. */
  readonly hasMembers?: (room: string) => boolean;
}

/** Logs without a server around them. */
export interface OpenedLogs {
  readonly logs: LogStore;
  /** What members have got: room and offset. */
  readonly delivered: readonly string[];
  readonly problems: readonly string[];
  append(room: string, text: string, more?: Partial<Draft>): ReturnType<LogStore["append"]>;
  /** Offsets of all entries that are kept. */
  offsets(room: string): Promise<number[]>;
  /** The whole log. */
  page(room: string): Promise<Page>;
}

/** Opens logs in a store; they are closed when the test ends. */
export async function openLogs(store: Store, given: GivenLogs): Promise<OpenedLogs> {
  if (store === "Redis") return openStreamLogs((await startRedis()).url, given);
  const { context, delivered } = surround(given);
  const logs = new MemoryLogs(context);
  onTestFinished(() => logs.stop());
  return opened(logs, delivered, []);
}

/** Opens the logs in a Redis; they are closed when the test ends. */
export async function openStreamLogs(url: string, given: GivenLogs): Promise<OpenedLogs> {
  const problems: string[] = [];
  const redis = new Redis({ url, onStatus: () => {} });
  const { context, delivered } = surround(given);
  const logs = new StreamLogs(context, { redis, onProblem: (problem) => problems.push(problem) });
  onTestFinished(async () => {
    await logs.stop();
    await redis.stop();
  });
  await redis.start(5000);
  await logs.ready();
  return opened(logs, delivered, problems);
}

function surround(given: GivenLogs) {
  const { settings, limits = {}, clock = systemClock, hasMembers = () => false } = given;
  const delivered: string[] = [];
  let ids = 0;
  const context: LogStoreContext = {
    settingsOf: (room) => settings[room.split(":")[0] ?? ""],
    hasMembers,
    deliver: (room, { offset }) => delivered.push(`${room} ${offset}`),
    limits: { ...optionsSchema.parse({}).limits, ...limits },
    clock,
    randomId: () => {
      ids += 1;
      return `id ${ids}`;
    },
  };
  return { context, delivered };
}

function opened(logs: LogStore, delivered: string[], problems: string[]): OpenedLogs {
  const page = async (room: string): Promise<Page> => {
    const found = await logs.read(room, 0, 1000);
    if (found === undefined) throw new Error("the log cannot be reached");
    return found;
  };
  return {
    logs,
    delivered,
    problems,
    append: (room, text, more = {}) =>
      logs.append(
        room,
        { event: "said", payload: new JsonText(JSON.stringify(text)), ...more },
        { except: [], isEverywhere: false },
      ),
    page,
    offsets: async (room) => (await page(room)).entries.map(({ offset }) => offset),
  };
}
