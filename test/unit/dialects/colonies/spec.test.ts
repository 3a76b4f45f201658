import { describe, expect, it } from "vitest";
import { decodeInner } from "./codec-bodies.ts";

/** What the server makes of a spec. */
function specOf(spec: object): unknown {
  const decoded = decodeInner("submitfuncspecmsg", { msgtype: "submitfuncspecmsg", spec });
  if (!decoded.ok) return decoded.failure.message;
  return decoded.value.msgtype === "submitfuncspecmsg" ? decoded.value.spec : undefined;
}

const zero = {
  nodename: "",
  funcname: "",
  args: [],
  kwargs: {},
  priority: 0,
  maxwaittime: 0,
  maxexectime: 0,
  maxretries: 0,
  conditions: {
    colonyname: "",
    executornames: [],
    executortype: "",
    dependencies: [],
    nodes: 0,
    cpu: "0m",
    processes: 0,
    processespernode: 0,
    mem: "0Mi",
    storage: "0Mi",
    gpu: { name: "", mem: "0Mi", count: 0, nodecount: 0 },
    walltime: 0,
  },
  label: "",
  fs: { mount: "", snapshots: null, dirs: null },
  env: {},
};

describe("what is to be done", () => {
  it("has every member, whatever its submitter left out", () => {
    expect(specOf({})).toStrictEqual(zero);
    const { conditions, fs, ...others } = zero;
    const none = Object.fromEntries(Object.keys(others).map((name) => [name, null]));
    expect(specOf({ ...none, channels: null, conditions: null, fs: null })).toEqual(zero);
    const empty = Object.fromEntries(Object.keys(conditions).map((name) => [name, null]));
    expect(specOf({ conditions: empty, fs: { ...fs, mount: null } })).toEqual(zero);
  });

  it("keeps the members that its submitter wrote, and no others", () => {
    const written = {
      funcname: "chat-handler",
      maxwaittime: 60,
      kwargs: { prompt: ["Hello", { more: null }] },
      env: { A: "b" },
    };
    const conditions = { colonyname: "my-colony", executortype: "chat", locationname: "here" };
    const more = { more: 1, __proto__: { more: 1 } };
    expect(specOf({ ...written, conditions: { ...conditions, more }, more })).toEqual({
      ...zero,
      ...written,
      conditions: { ...zero.conditions, ...conditions },
    });
  });

  it("names each channel once, in their order; no channels are left out", () => {
    expect(specOf({ channels: ["b", "a", "b", "a"] })).toEqual({ ...zero, channels: ["b", "a"] });
    expect(specOf({ channels: [] })).toEqual(zero);
  });

  it.each([
    { args: {} },
    { kwargs: [] },
    { priority: "1" },
    { maxexectime: 0.5 },
    { channels: "output" },
    { channels: [1] },
    { env: { A: 1 } },
    { fs: [] },
    { fs: { dirs: {} } },
    { conditions: [] },
    { conditions: { executornames: [null] } },
    { conditions: { gpu: "one" } },
    { conditions: { gpu: { count: "one" } } },
    { conditions: { walltime: "1h" } },
  ])("cannot have %j", (spec) => {
    expect(specOf(spec)).toBe("Failed to submit process, invalid JSON");
  });
});
