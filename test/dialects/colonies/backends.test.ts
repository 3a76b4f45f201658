import { describe, expect, it } from "vitest";
import { BusListener } from "../../support/bus-listener.ts";
import { startColony } from "../../support/colonies-colony.ts";
import { connectBackend, startRedis } from "../../support/redis-server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

const spec = {
  funcname: "speak",
  conditions: { colonyname: "my-colony", executortype: "my-executor-type" },
  channels: ["output"],
};

describe("backends on Redis and the channel of a process", () => {
  it("hear what its executor appends and what pages push, each once, and speak into it", async () => {
    const { url: redisUrl } = await startRedis();
    const { server, clientOf, keys } = await startColony(redisUrl);
    const backend = await connectBackend(redisUrl);
    const ear = await new BusListener().listen(await connectBackend(redisUrl), "from:process:*");
    const ann = clientOf(keys.user);
    const { processid } = await ann.submitFunctionSpec(spec);
    const executor = clientOf(keys.executor);
    await executor.assign("my-colony", 10, keys.executor);
    const room = `process:${processid}:output`;
    const page = await connectSocketIo(server.url);
    expect(await ask(page, "join", room, {})).toMatchObject({ status: "ok" });

    await executor.channelAppend(processid, "output", 1, 0, "from the executor");
    await executor.channelAppend(processid, "output", 1, 0, "from the executor");
    await ask(page, "push", room, "message", { text: "from the page" });
    expect(await ask(page, "push", room, "with:colon", {})).toMatchObject({
      response: { code: "event_has_colon" },
    });
    const heard = () => ear.heard.filter(({ channel }) => channel === `from:${room}:message`);
    await until("both", () => heard().length === 2);
    expect(heard().map(({ payload }) => JSON.parse(payload).text)).toEqual([
      "from the executor",
      "from the page",
    ]);

    await backend.publish(`to:${room}:message`, JSON.stringify({ text: "from the backend" }));
    await until("it", async () => (await ann.channelRead(processid, "output", 0, 10)).length === 3);
    expect(heard().length).toBe(2);
  });
});
