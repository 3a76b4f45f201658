import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  RecoveryLost,
  RecoveryThread,
} from "../../../../server/dialects/colonies/signatures/recovery-thread.ts";
import { until, within } from "../../../support/until.ts";
import vectors from "../../../vectors/colonies.json" with { type: "json" };

function start(onCrash: (error: Error) => void, script: URL): RecoveryThread {
  const thread = new RecoveryThread(onCrash, script);
  onTestFinished(() => thread.stop());
  return thread;
}

describe("the thread", () => {
  const script = `
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", (task) => {
      if (task.digest === "throw") throw new Error("thrown in the thread");
      if (task.digest === "exit") process.exit(3);
      if (task.digest !== "silence") parentPort.postMessage({ ...task, id: "id" });
    });`;
  const scriptUrl = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
  const taskOf = (digest: string) => ({ digest, signature: "" });

  it.each([
    ["throw", "thrown in the thread"],
    ["exit", "the thread ended with code 3"],
  ])("that crashes by %s fails what is under way, and another begins", async (how, message) => {
    const crashes: string[] = [];
    const thread = start((error) => crashes.push(error.message), scriptUrl);
    expect(await thread.recover(taskOf("good"))).toBe("id");
    const lost = [thread.recover(taskOf("silence")), thread.recover(taskOf(how))];
    const outcomes = await within("the crash", Promise.allSettled(lost));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(RecoveryLost) });
    }
    expect(await thread.recover(taskOf("good"))).toBe("id");
    expect(crashes).toEqual([message]);
  });

  it("that does not exist is told of", async () => {
    const crashes: Error[] = [];
    const nowhere = new URL("./nowhere.js", import.meta.url);
    const thread = start((error) => crashes.push(error), nowhere);
    await expect(thread.recover(taskOf("good"))).rejects.toThrow(RecoveryLost);
    await until("told", () => crashes.length === 1);
  });

  it("that is stopped fails what is under way, tells of no crash, and may begin again", async () => {
    const crashes: Error[] = [];
    const thread = start((error) => crashes.push(error), scriptUrl);
    const lost = expect(thread.recover(taskOf("silence"))).rejects.toThrow(RecoveryLost);
    await Promise.all([thread.stop(), thread.stop()]);
    await lost;
    expect(await thread.recover(taskOf("good"))).toBe("id");
    expect(crashes).toEqual([]);
  });

  it("of the build runs, and does not keep its process alive", async () => {
    const { message, signature, recoversTo } = vectors.tampered;
    const code = `
      import { Signatures } from "./dist/server/dialects/colonies/signatures/signatures.js";
      const timer = setTimeout(() => process.exit(2), 10_000);
      const signer = await new Signatures().signer(${JSON.stringify(message)}, "${signature}");
      console.log(signer.id);
      clearTimeout(timer);`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], {
      timeout: 15_000,
    });
    expect(stdout.trim()).toBe(recoversTo);
  });
});
