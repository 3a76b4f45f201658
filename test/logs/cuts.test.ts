import { describe, expect, it } from "vitest";
import { times } from "../support/long.ts";
import { until } from "../support/until.ts";
import { surviveColoniesCuts } from "./colonies-cuts.ts";
import {
  connectLogClient,
  eventsOf,
  joinLog,
  type LogClient,
  type ToldEvent,
  type Way,
  ways,
} from "./log-client.ts";
import { startLogServer, stores } from "./stores.ts";

const ROOM = "log:a";
const CUTS = times(20, 5);
const CUT_MS = 2000;
const BETWEEN_MS = 20;
const DEADLINE_MS = 120_000;

type Server = Awaited<ReturnType<typeof startLogServer>>;

/** Waits: the length of a cut is what is tested. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Comes back after each cut with what it has, and gives all that it was told. */
async function surviveCuts(way: Way, server: Server, last: () => number): Promise<ToldEvent[]> {
  const told: ToldEvent[] = [];
  let epoch: string | undefined;
  let since = 0;
  const join = async (): Promise<LogClient> => {
    const client = await connectLogClient(way, server);
    const joined = await joinLog(client, ROOM, { since, epoch });
    if (joined.recovered !== true) throw new Error("not recovered");
    epoch = joined.epoch;
    return client;
  };
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const client = await join();
    const target = last() + 5;
    await until("messages", () => Number(eventsOf(client).at(-1)?.offset) >= target);
    client.cut();
    told.push(...eventsOf(client));
    since = told.at(-1)?.offset ?? since;
    await pause(CUT_MS);
  }
  const client = await join();
  const end = last();
  await until("the rest", () => Number(eventsOf(client).at(-1)?.offset) >= end);
  return [...told, ...eventsOf(client)];
}

/** What the members of each way in were told through all cuts, with the log in one store. */
async function cutUnderLoad(store: (typeof stores)[number]) {
  const server = await startLogServer(store, {
    rooms: [{ match: "log:*", log: { size: 5000 } }],
  });
  const sender = await connectLogClient("v2", server);
  await joinLog(sender, ROOM);
  let sent = 0;
  let isOver: boolean = false;
  const load = (async () => {
    while (!isOver) {
      await sender.push(ROOM, "said", { n: sent + 1 });
      sent += 1;
      await pause(BETWEEN_MS);
    }
  })();
  const colonies = surviveColoniesCuts(server, {
    count: CUTS,
    cut: () => pause(CUT_MS),
    pause: () => pause(BETWEEN_MS),
  });
  const all = await Promise.all(ways.map((way) => surviveCuts(way, server, () => sent)));
  isOver = true;
  await load;
  return { all, colonies: await colonies };
}

describe("Twenty cuts of two seconds under load", () => {
  it(
    "lose nothing, repeat nothing and change no order, in any dialect and store",
    async () => {
      // Both stores at once: each cut takes its time.
      const done = await Promise.all(stores.map(cutUnderLoad));
      const all = done.flatMap((each) => each.all);
      expect(all).toHaveLength(stores.length * ways.length);
      for (const told of all) {
        expect(told.map(({ offset }) => offset)).toEqual(told.map((_, index) => index + 1));
        expect(told.map(({ payload }) => payload)).toEqual(
          told.map((_, index) => ({ n: index + 1 })),
        );
      }
      for (const { colonies } of done) {
        expect(colonies).toMatchObject(
          colonies.map((_, index) => ({ sequence: index + 1, payload: String(index + 1) })),
        );
      }
    },
    DEADLINE_MS,
  );
});
