import { describe, expect, it } from "vitest";
import { connectLogClient, joinLog, waitForEvents, ways } from "../../logs/log-client.ts";
import { startColony } from "../../support/colonies-colony.ts";
import { redisUrlFor } from "./channel-scene.ts";

const stores = ["memory", "Redis"] as const;
const SUCCESS = 2;

describe.each(stores)("A process that streams, in %s,", (store) => {
  it.each(ways)("has pages over %s that see it, answer, and learn of its end", async (way) => {
    const { server, clientOf, keys } = await startColony(await redisUrlFor(store));
    const user = clientOf(keys.user);
    const executor = clientOf(keys.executor);
    const { processid } = await user.submitFunctionSpec({
      funcname: "stream",
      conditions: { colonyname: "my-colony", executortype: "my-executor-type" },
      channels: ["output"],
    });
    await executor.assign("my-colony", 10, keys.executor);
    await executor.channelAppend(processid, "output", 1, 0, "one");
    const room = `process:${processid}:output`;
    const page = await connectLogClient(way, server);
    expect(await joinLog(page, room, { since: 0 })).toMatchObject({ recovered: true, offset: 1 });
    await executor.channelAppend(processid, "output", 2, 1, "zwei €");
    const answer = await page.push(room, "message", { text: "from the page", _sequence: 7 });
    expect(answer).toMatchObject({ status: "ok" });
    const read = await user.channelRead(processid, "output", 0, 100);
    expect(read).toMatchObject([
      { sequence: 1, payload: "one" },
      { sequence: 2, inreplyto: 1, payload: "zwei €" },
      { sequence: 7, payload: "from the page" },
    ]);
    await executor.closeProcess(processid, ["done"]);
    const [first, second, news] = await waitForEvents(page, 3);
    expect(first).toMatchObject({ event: "message", payload: { text: "one" }, offset: 1 });
    expect(second).toMatchObject({
      event: "message",
      payload: { text: "zwei €" },
      offset: 2,
      marks: { sequence: 2, inreplyto: 1 },
    });
    expect(news).toMatchObject({
      event: "process",
      payload: { processid, state: SUCCESS },
      offset: undefined,
    });
    const afterwards = await page.push(room, "message", { text: "too late" });
    expect(afterwards.status).toBe("error");
  });
});
