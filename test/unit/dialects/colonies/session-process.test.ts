import { describe, expect, it } from "vitest";
import {
  type ProcessState,
  processStates,
} from "../../../../server/dialects/colonies/processes/process.ts";
import { RecordsUnavailable } from "../../../../server/records/record-store.ts";
import { PROCESS_ID, processIn, SessionScene, told, wrong } from "./session-scene.ts";

const TYPE = "subscribeprocessmsg";
const FAILED = "Failed to subscribe to process";
const { waiting: WAITING, running: RUNNING, success: SUCCESS, failed: NO_SUCCESS } = processStates;

function sceneWith(state: ProcessState): SessionScene {
  const scene = new SessionScene();
  scene.processes.kept.set(PROCESS_ID, processIn(state));
  return scene;
}

describe("a subscription to a process", () => {
  it("tells at once of a state that is there already, and stays", async () => {
    const scene = sceneWith(RUNNING);
    scene.subscribeProcess(RUNNING);
    expect(await scene.frame(1)).toEqual(told(TYPE, processIn(RUNNING)));
    expect(scene.connection.readyState).toBe("open");
  });

  it("tells of each time that the process comes into the state, and of no other change", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.settled();
    scene.processes.change({ state: RUNNING, starttime: "1" });
    expect((await scene.frame(1))?.inner).toMatchObject({ state: RUNNING, starttime: "1" });
    scene.processes.change({ errors: ["not a change of state"] });
    scene.processes.change({ state: WAITING, retries: 1 });
    scene.processes.change({ state: RUNNING, starttime: "2" });
    expect((await scene.frame(2))?.inner).toMatchObject({ state: RUNNING, starttime: "2" });
    expect(scene.frames).toHaveLength(2);
  });

  it("ends with 1000 once the process is over and the state was told", async () => {
    const scene = sceneWith(RUNNING);
    scene.subscribeProcess(RUNNING);
    await scene.frame(1);
    scene.processes.change({ state: SUCCESS });
    await scene.sees("the close", () => scene.connection.closes.length > 0);
    expect(scene.frames).toHaveLength(1);
    expect(scene.connection.closes).toMatchObject([{ code: 1000, reason: "subscription over" }]);
  });

  it.each([
    ["RUNNING", RUNNING, "SUCCESS", SUCCESS],
    ["RUNNING", RUNNING, "FAILED", NO_SUCCESS],
    ["SUCCESS", SUCCESS, "FAILED", NO_SUCCESS],
    ["WAITING", WAITING, "SUCCESS", SUCCESS],
  ] as const)("to %s (%i) of a process that is %s (%i) ends with an error", async (...states) => {
    const [wanted, wantedState, name, state] = states;
    const scene = sceneWith(state);
    scene.subscribeProcess(wantedState);
    const text = `${FAILED}, process is ${name} and will not become ${wanted}`;
    expect(await scene.frame(1)).toEqual(wrong(409, text));
    await scene.sees("the close", () => scene.connection.closes[0]?.code === 1000);
  });

  it("ends with an error when the process ends otherwise than it waits for", async () => {
    const scene = sceneWith(RUNNING);
    scene.subscribeProcess(SUCCESS);
    await scene.settled();
    scene.processes.change({ state: NO_SUCCESS });
    const text = `${FAILED}, process is FAILED and will not become SUCCESS`;
    expect(await scene.frame(1)).toEqual(wrong(409, text));
  });

  it("ends with an error when its time is over", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING, 5);
    await scene.settled();
    scene.clock.advance(4999);
    expect(scene.frames).toEqual([]);
    scene.clock.advance(1);
    const text = `${FAILED}, timeout: waited 5 s for process to become RUNNING`;
    expect(await scene.frame(1)).toEqual(wrong(408, text));
    await scene.sees("the close", () => scene.connection.closes[0]?.code === 1000);
    expect(scene.processes.watchers).toBe(0);
  });

  it.each([0, -1, -1_000_000])("of %i seconds ends at once", async (timeout) => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING, timeout);
    const text = `${FAILED}, timeout: waited 0 s for process to become RUNNING`;
    expect(await scene.frame(1)).toEqual(wrong(408, text));
    await scene.sees("the close", () => scene.connection.closes[0]?.code === 1000);
  });

  it("lasts a day at most", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING, Number.MAX_SAFE_INTEGER);
    await scene.settled();
    scene.clock.advance(86_399_999);
    expect(scene.frames).toEqual([]);
    scene.clock.advance(1);
    expect(await scene.frame(1)).toMatchObject({ isError: true, inner: { status: 408 } });
  });

  it.each([
    ["unknown", "process not found", 404],
    ["another colony's", "Access denied, not a member of Colony with name c", 403],
  ])(
    "of a process that is %s is refused, and the connection stays",
    async (which, text, status) => {
      const scene = new SessionScene();
      if (which !== "unknown") {
        scene.processes.kept.set(PROCESS_ID, processIn(WAITING));
        scene.strange = { status, message: text };
      }
      scene.subscribeProcess(RUNNING);
      const message = status === 404 ? `${FAILED}, ${text}` : text;
      expect(await scene.frame(1)).toEqual(wrong(status, message));
      expect(scene.connection.readyState).toBe("open");
      expect(scene.processes.watchers).toBe(0);
    },
  );

  it.each([-1, 4, 1.5, 99])("to the state %d is refused", async (state) => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(state);
    const frame = await scene.frame(1);
    expect(frame).toMatchObject({ isError: true, inner: { status: 400 } });
  });

  it("says so when the processes cannot be reached", async () => {
    const scene = sceneWith(WAITING);
    scene.processes.onFind = () => Promise.reject(new RecordsUnavailable("gone"));
    scene.subscribeProcess(RUNNING);
    expect(await scene.frame(1)).toEqual(wrong(503, `${FAILED}, storage not reachable`));
    expect(scene.crashes).toEqual([]);
    expect(scene.processes.watchers).toBe(0);
  });

  it("says that the server failed when it did, and no more", async () => {
    const scene = sceneWith(WAITING);
    scene.processes.onFind = () => Promise.reject(new Error("secret"));
    scene.subscribeProcess(RUNNING);
    expect(await scene.frame(1)).toEqual(wrong(500, `${FAILED}, internal error`));
    expect(scene.crashes).toEqual([new Error("secret")]);
    expect(scene.connection.readyState).toBe("open");
  });

  it("misses no change that comes while the process is read", async () => {
    const scene = sceneWith(WAITING);
    scene.processes.onFind = async () => {
      const before = processIn(WAITING);
      scene.processes.change({ state: RUNNING, starttime: "1" });
      return before;
    };
    scene.subscribeProcess(RUNNING);
    expect((await scene.frame(1))?.inner).toMatchObject({ state: RUNNING });
  });

  it("tells of a state that the process left while it was read", async () => {
    const scene = sceneWith(WAITING);
    scene.processes.onFind = async () => {
      scene.processes.change({ state: RUNNING, starttime: "1" });
      scene.processes.change({ state: SUCCESS });
      return scene.processes.kept.get(PROCESS_ID);
    };
    scene.subscribeProcess(RUNNING);
    expect((await scene.frame(1))?.inner).toMatchObject({ state: RUNNING });
    await scene.sees("the close", () => scene.connection.closes[0]?.code === 1000);
    expect(scene.frames).toHaveLength(1);
  });

  it("ends with an error when the process is removed", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.settled();
    scene.processes.remove();
    expect(await scene.frame(1)).toEqual(wrong(404, `${FAILED}, process not found`));
  });

  it("watches nothing any more once its client has gone", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.sees("the watch", () => scene.processes.watchers === 1);
    scene.connection.end({ code: 1001, reason: "", next: "now" });
    expect(scene.processes.watchers).toBe(0);
    scene.processes.change({ state: RUNNING });
    scene.clock.advance(120_000);
    expect(scene.frames).toEqual([]);
  });

  it("keeps the connection until the last one is over", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING, 5);
    scene.subscribeProcess(SUCCESS, 10);
    await scene.settled();
    scene.clock.advance(5000);
    await scene.frame(1);
    await Promise.resolve();
    expect(scene.connection.readyState).toBe("open");
    scene.clock.advance(5000);
    await scene.frame(2);
    await scene.sees("the close", () => scene.connection.closes[0]?.code === 1000);
  });
});

describe("the watch of processes", () => {
  it("finds what nobody told, after a while", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.settled();
    scene.processes.kept.set(PROCESS_ID, processIn(RUNNING));
    scene.clock.advance(10_000);
    expect((await scene.frame(1))?.inner).toMatchObject({ state: RUNNING });
  });

  it("does not tell what it read before a change that it was told", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.settled();
    scene.processes.onFind = async () => {
      scene.processes.change({ state: RUNNING, starttime: "1" });
      return processIn(WAITING);
    };
    scene.clock.advance(10_000);
    await scene.frame(1);
    scene.processes.onFind = undefined;
    scene.clock.advance(10_000);
    await scene.sees("the second look", () => scene.processes.finds === 3);
    await scene.settled();
    expect(scene.frames).toHaveLength(1);
  });

  it("goes on after the storage could not be reached, and reports what it does not know", async () => {
    const scene = sceneWith(WAITING);
    scene.subscribeProcess(RUNNING);
    await scene.settled();
    scene.processes.onFind = () => Promise.reject(new RecordsUnavailable("gone"));
    scene.clock.advance(10_000);
    await scene.settled();
    expect(scene.crashes).toEqual([]);
    scene.processes.onFind = () => Promise.reject(new Error("odd"));
    scene.clock.advance(10_000);
    await scene.sees("the report", () => scene.crashes.length === 1);
    scene.processes.onFind = undefined;
    scene.processes.kept.set(PROCESS_ID, processIn(RUNNING));
    scene.clock.advance(10_000);
    await scene.frame(1);
  });
});
