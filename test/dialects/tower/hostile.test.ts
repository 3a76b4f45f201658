import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frames, oddName } from "../../support/mutations.ts";
import { startServer } from "../../support/server.ts";
import { openTower, type TowerClient } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const FRAMES = 10_000;
const FRAMES_PER_RUN = 20;

const key = fc.oneof(
  fc.constantFrom("jobs", "job_events", "broadcast", "__proto__", "constructor"),
  fc.string({ maxLength: 8 }),
);
const item = fc.oneof(
  fc.constantFrom<unknown>("status_changed", "group_send", 1, 3.5, -1, true, null, {}, []),
  oddName,
);
const goodText = fc
  .dictionary(key, fc.oneof(fc.array(item, { maxLength: 5 }), item), { maxKeys: 4 })
  .map((groups) => JSON.stringify({ groups, xrftoken: "TOK" }));
const binary = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const message = fc.oneof(
  { arbitrary: frames(goodText), weight: 9 },
  { arbitrary: binary, weight: 1 },
);

/** Sends frames, and waits until they have been handled. No frame may end the connection. */
async function sendAll(
  client: TowerClient,
  messages: readonly (string | Buffer)[],
  run: number,
): Promise<void> {
  for (const data of messages) client.send(data);
  client.ask({ barrier: [run] });
  await until("the barrier", () => client.frames.at(-1)?.includes(`["barrier-${run}"]`) === true);
  const isAnswer = (text: string): boolean => /^\{"(error|groups_current)": /.test(text);
  expect(client.frames.filter((text) => !isAnswer(text))).toEqual([]);
  client.frames.length = 0;
}

describe("ten thousand random and mutated frames", () => {
  it("end no connection, leave a Tower server alive and right, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const url = `${server.wsUrl}/websocket/`;
    const witness = await openTower(url);
    await witness.groups({ witness: ["room"] });
    const client = await openTower(url);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN }),
        (messages) => {
          run += 1;
          return sendAll(client, messages, run);
        },
      ),
      { endOnFailure: true, numRuns: FRAMES / FRAMES_PER_RUN },
    );
    client.webSocket.close();
    await until("its end", () => server.commonroom.status().connections === 1);
    server.commonroom.io.to("witness-room").emit("message", { still: "here" });
    expect(await witness.next()).toBe('{"still":"here"}');
    expect(witness.frames).toEqual([]);
    expect(server.commonroom.status().rooms).toBe(1);
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  }, 120_000);
});
