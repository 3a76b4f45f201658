import { describe, expect, it, onTestFinished } from "vitest";
import { RecoveryLost } from "../../../../server/dialects/colonies/signatures/recovery-thread.ts";
import type { RecoveryTask } from "../../../../server/dialects/colonies/signatures/recovery-worker.js";
import { Signatures } from "../../../../server/dialects/colonies/signatures/signatures.ts";
import vectors from "../../../vectors/colonies.json" with { type: "json" };

const { signature } = vectors.tampered;

function startSignatures(): Signatures {
  const signatures = new Signatures();
  onTestFinished(() => signatures.stop());
  return signatures;
}

/** Recovers nothing by itself: a test answers the tasks. */
class HeldThread {
  readonly tasks: (RecoveryTask & {
    readonly resolve: (id: string | undefined) => void;
    readonly reject: (error: Error) => void;
  })[] = [];
  stops = 0;

  recover(task: RecoveryTask): Promise<string | undefined> {
    return new Promise((resolve, reject) => this.tasks.push({ ...task, resolve, reject }));
  }

  async stop(): Promise<void> {
    this.stops += 1;
    for (const { reject } of this.tasks) reject(new RecoveryLost("stopped"));
  }
}

describe("signatures, checked in a thread", () => {
  it("tell who signed each request of the vectors", async () => {
    const signatures = startSignatures();
    for (const { body, signerId } of vectors.requests) {
      const envelope = JSON.parse(body) as { payload: string; signature: string };
      const signer = await signatures.signer(envelope.payload, envelope.signature);
      expect(signer).toEqual({ ok: true, id: signerId });
    }
  });

  it("are refused as without a thread", async () => {
    const signatures = startSignatures();
    for (const { message, signature: bad, goError } of vectors.rejected) {
      const signer = await signatures.signer(message, bad);
      expect(signer).toEqual({ ok: false, status: 403, text: goError });
    }
    const noPoint = `${"5".padStart(64, "0")}${"1".padStart(64, "0")}00`;
    expect(await signatures.signer("", noPoint)).toEqual({
      ok: false,
      status: 403,
      text: "Failed to recover public key: invalid signature: not for a valid curve point",
    });
  });

  it("hold up the event loop for less than 50 ms while 200 are under way", async () => {
    const signatures = startSignatures();
    await signatures.signer("first", signature);
    // On a busy machine a timer may be late for other reasons, but hardly each time.
    const latestMs: number[] = [];
    for (let attempt = 0; attempt < 8 && !latestMs.some((ms) => ms < 50); attempt += 1) {
      const payloads = Array.from({ length: 200 }, (_, at) => `payload ${attempt} ${at}`);
      const late = watchEventLoop();
      const signers = await Promise.all(payloads.map((each) => signatures.signer(each, signature)));
      latestMs.push(late());
      expect(signers.every(({ ok }) => ok)).toBe(true);
    }
    expect(Math.min(...latestMs)).toBeLessThan(50);
  });
});

/** The returned function says by how many milliseconds a timer of 5 ms was late at the most. */
function watchEventLoop(): () => number {
  let latestMs = 0;
  let lastAt = performance.now();
  const tick = () => {
    const now = performance.now();
    latestMs = Math.max(latestMs, now - lastAt - 5);
    lastAt = now;
  };
  const timer = setInterval(tick, 5);
  return () => {
    clearInterval(timer);
    tick();
    return latestMs;
  };
}

describe("checking signatures", () => {
  it("asks the thread only for what is well formed", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread });
    for (const { message, signature: bad } of vectors.rejected) {
      await signatures.signer(message, bad);
    }
    expect(thread.tasks).toEqual([]);
  });

  it("does once what equal requests ask at the same time, and not again later", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread });
    const both = [
      signatures.signer("hello", signature),
      signatures.signer("hello", signature.toUpperCase()),
    ];
    const other = signatures.signer("hellp", signature);
    expect(thread.tasks).toHaveLength(2);
    thread.tasks[0]?.resolve("id of both");
    thread.tasks[1]?.resolve("id of the other");
    expect(await Promise.all(both)).toEqual(Array(2).fill({ ok: true, id: "id of both" }));
    expect(await other).toEqual({ ok: true, id: "id of the other" });
    expect(await signatures.signer("hello", signature)).toEqual(await both[0]);
    expect(thread.tasks).toHaveLength(2);
  });

  it("remembers what was asked lately, 1,000 at the most", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread });
    const ask = async (payload: string) => {
      const asked = thread.tasks.length;
      const signer = signatures.signer(payload, signature);
      thread.tasks[asked]?.resolve(payload);
      expect(await signer).toEqual({ ok: true, id: payload });
      return thread.tasks.length > asked ? "recovered" : "remembered";
    };
    for (let at = 0; at < 1000; at += 1) expect(await ask(`payload ${at}`)).toBe("recovered");
    expect(await ask("payload 0")).toBe("remembered");
    expect(await ask("one more")).toBe("recovered");
    expect(await ask("payload 0")).toBe("remembered");
    expect(await ask("payload 2")).toBe("remembered");
    expect(await ask("payload 1")).toBe("recovered");
  });

  it("refuses what is more than may be under way, until some of it is done", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread, maxPending: 2 });
    const first = signatures.signer("1", signature);
    const second = [signatures.signer("2", signature), signatures.signer("2", signature)];
    expect(await signatures.signer("3", signature)).toEqual({
      ok: false,
      status: 503,
      text: "Failed to check signature, too many requests waiting",
    });
    thread.tasks[0]?.resolve("id");
    await first;
    const third = signatures.signer("3", signature);
    for (const { resolve } of thread.tasks) resolve("id");
    expect(await Promise.all([...second, third])).toEqual(Array(3).fill({ ok: true, id: "id" }));
  });

  it("lets a request be repeated that a crash has failed", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread });
    const failed = signatures.signer("hello", signature);
    thread.tasks[0]?.reject(new RecoveryLost("crashed"));
    const text = "Failed to check signature, try again";
    expect(await failed).toEqual({ ok: false, status: 503, text });
    const repeated = signatures.signer("hello", signature);
    thread.tasks[1]?.resolve("id");
    expect(await repeated).toEqual({ ok: true, id: "id" });
  });

  it("tells of a thread that cannot be started, and refuses", async () => {
    const crashes: unknown[] = [];
    const problem = new Error("no memory for a thread");
    const thread = { recover: () => Promise.reject(problem), stop: async () => {} };
    const signatures = new Signatures({ thread, onCrash: (error) => crashes.push(error) });
    expect(await signatures.signer("hello", signature)).toMatchObject({ ok: false, status: 503 });
    expect(crashes).toEqual([problem]);
  });

  it("ends once, however often it is stopped, and refuses from then on", async () => {
    const thread = new HeldThread();
    const signatures = new Signatures({ thread });
    const underWay = signatures.signer("hello", signature);
    await Promise.all([signatures.stop(), signatures.stop()]);
    await signatures.stop();
    expect(thread.stops).toBe(1);
    const refused = {
      ok: false,
      status: 503,
      text: "Failed to check signature, server is stopping",
    };
    expect(await underWay).toEqual(refused);
    expect(await signatures.signer("hello", signature)).toEqual(refused);
    expect(thread.tasks).toHaveLength(1);
  });
});
