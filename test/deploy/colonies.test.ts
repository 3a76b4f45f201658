import { describe, expect, it } from "vitest";
import {
  ColoniesClient,
  type MsgEntry,
  ProcessState,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { startColony } from "../support/colonies-colony.ts";
import { startNginx } from "../support/nginx.ts";
import { until } from "../support/until.ts";

const COLONY = "my-colony";
const SPEC = {
  funcname: "list",
  conditions: { colonyname: COLONY, executortype: "my-executor-type" },
  channels: ["output"],
};

/** A colony, and clients of it that know nginx alone. */
async function setUp() {
  const { server, keys } = await startColony();
  const nginx = await startNginx({ nodePorts: [server.port] });
  const clientOf = (key: string): ColoniesClient => {
    const client = new ColoniesClient({ host: "127.0.0.1", port: nginx.port });
    client.setPrivateKey(key);
    return client;
  };
  return { nginx, user: clientOf(keys.user), executor: clientOf(keys.executor), keys };
}

describe("ColonyOS clients behind nginx", () => {
  it("wait for work, stream through a channel and follow it to its end", async () => {
    const { user, executor, keys } = await setUp();
    const assigning = executor.assign(COLONY, 10, keys.executor);
    const { processid } = await user.submitFunctionSpec(SPEC);
    expect((await assigning).processid).toBe(processid);
    const heard: MsgEntry[] = [];
    const errors: Error[] = [];
    let isClosed = false;
    user.subscribeChannel(
      processid,
      "output",
      0,
      10,
      (entries) => heard.push(...entries),
      (error) => errors.push(error),
      () => {
        isClosed = true;
      },
    );
    await executor.channelAppend(processid, "output", 1, 0, "first line");
    await until("the first line", () => heard.length === 1);
    await executor.channelAppend(processid, "output", 2, 0, "second line", "end");
    await executor.closeProcess(processid, ["done"]);
    await until("the end of the subscription", () => isClosed);
    expect(heard.map(({ payload }) => payload)).toEqual(["first line", "second line"]);
    expect(errors).toEqual([]);
  });

  it("that give up waiting are given no process", async () => {
    const { nginx, user, executor, keys } = await setUp();
    const giveUp = new AbortController();
    const waiting = executor.assign(COLONY, 60, keys.executor, giveUp.signal);
    const given = waiting.catch((error: unknown) => error);
    // Sent later, and answered: by now the other waits.
    expect(await user.getProcesses(COLONY, 1, ProcessState.WAITING)).toEqual([]);
    giveUp.abort();
    await given;
    await until("nginx to hang up", async () => (await nginx.logged()).includes(" /api 499 "));
    const { processid } = await user.submitFunctionSpec(SPEC);
    const again = await executor.assign(COLONY, 10, keys.executor);
    expect(again.processid).toBe(processid);
  });
});
