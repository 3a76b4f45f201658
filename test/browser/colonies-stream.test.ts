import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ColoniesClient } from "../../examples/colonies-stream/colonies-client/index.ts";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { post, startStream, stopsWell, submit, WATCH } from "./colonies-stream-scene.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("colonies-stream");
});
afterAll(() => example.remove());

describe("a visitor of the page", { timeout: 40_000 }, () => {
  it("follows a process whose address it has, over Redis", async () => {
    const { url: redisUrl } = await startRedis();
    const { running, url, stream, errors } = await startStream(example, { REDIS_URL: redisUrl });
    // It takes questions while it runs: time for the page to be loaded on a busy machine.
    const id = await submit(url, { command: "watch-machine", seconds: 8 });
    await stream.page.goto(`${url}#${id}`);
    await stream.page.reload();
    await stream.hasLines(1);
    await stream.ask("uptime, please");
    expect(await stream.answerTo("uptime, please")).toMatch(/^up \d+ days/);
    await stream.isIn("SUCCESS");
    expect((await stream.output()).map(([number]) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(errors).toEqual([]);
    await stopsWell(running);
  });
});

describe("the example's server", { timeout: 40_000 }, () => {
  it("submits only the commands that there are", async () => {
    const { url } = await startStream(example);
    for (const body of ["{}", '{"command":"rm"}', '{"command":"disks","seconds":0}', "no JSON"]) {
      const answer = await post(url, body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        reason: "expected a command's name, and seconds from 1 to 120",
      });
    }
    const unknown = await fetch(`${url}api/runs/${"0".repeat(64)}`);
    expect(unknown.status).toBe(502);
    expect(JSON.stringify(await unknown.json())).toContain("process not found");
  });

  it("lets any client with the user's key submit to the executor, which refuses the unknown", async () => {
    const { running, stream } = await startStream(example);
    const { hostname, port } = new URL(await running.printed("Server"));
    const client = new ColoniesClient({ host: hostname, port: Number(port) });
    client.setPrivateKey(await running.printed("User's key"));
    const conditions = { colonyname: "my-colony", executortype: "stream-executor" };
    const errors = async (funcname: string, kwargs: object) => {
      const { processid } = await client.submitFunctionSpec({ funcname, kwargs, conditions });
      return until("the end of the process", async () => {
        const { state, errors } = await client.getProcess(processid);
        return state === 3 && errors;
      });
    };
    const refusal = (name: string) => [`${name} is no command of this executor`];
    expect(await errors("rm", {})).toEqual(refusal("rm"));
    expect(await errors("watch-machine", { seconds: "1; rm" })).toEqual(refusal("watch-machine"));
    await stream.page.reload();
    await until("them in the list", async () => `${await stream.states()}` === "FAILED,FAILED");
  });

  it("stops the command under way when it is stopped, and tells the page", async () => {
    const { running, stream } = await startStream(example);
    await stream.run(WATCH);
    await stream.hasLines(1);
    await stopsWell(running);
    await stream.isIn("FAILED");
    expect((await stream.output()).at(-1)?.[1]).toBe("the executor was stopped");
  });
});
