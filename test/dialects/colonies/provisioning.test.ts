import { describe, expect, it } from "vitest";
import { stores } from "../../records/stores.ts";
import { identities, identityOf, signedRequest } from "../../support/colonies-signing.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import {
  assign,
  COLONY,
  expectRefusals,
  failure,
  nobody,
  openNodeRecords,
  startNode,
  startOneNode,
  submit,
  TYPE,
} from "./api-scene.ts";
import { addEverybody, named, newColony, newExecutor, newUser } from "./provisioning-scene.ts";

const { server, colony, executor, user, one } = identities;

describe.each(stores)("Provisioning over %s", (store) => {
  it("adds a colony, an executor and a user, who then are members", async () => {
    const node = await startOneNode(store, { settings: nobody });
    expect(await node.get("getcoloniesmsg", {}, server)).toBeNull();
    expect(await node.get("addcolonymsg", newColony, server)).toEqual(newColony.colony);
    expect(await node.get("getcoloniesmsg", {}, server)).toEqual([newColony.colony]);
    const added = await node.get("addexecutormsg", newExecutor(), colony);
    expect(added).toMatchObject({
      executorid: executor.id,
      executortype: TYPE,
      executorname: "exec1",
      colonyname: COLONY,
      state: 0,
      requirefuncreg: false,
      commissiontime: expect.stringMatching(/^20\d\d-.*Z$/),
      lastheardfromtime: expect.stringMatching(/^20\d\d-.*Z$/),
      capabilities: { hardware: null, software: null },
      allocations: { projects: null },
    });
    const of = { colonyname: COLONY };
    const asExecutor = await node.ask("getprocessesmsg", { ...of, count: 1, state: 0 }, executor);
    expect(asExecutor).toEqual(
      failure(403, `Access denied, not a member of Colony with name ${COLONY}`),
    );
    // Who is not approved yet may look.
    expect(await node.get("getexecutorsmsg", of, executor)).toEqual([added]);
    expect(await node.get("getusersmsg", of, executor)).toBeNull();
    expect(await node.get("approveexecutormsg", named("exec1"), colony)).toEqual({});
    expect(await node.get("getexecutormsg", named("exec1"), executor)).toMatchObject({ state: 1 });
    expect(await node.get("addusermsg", { user: newUser }, colony)).toEqual(newUser);
    expect(await node.get("getusersmsg", of, user)).toEqual([newUser]);
    const process = await submit(node);
    expect(process).toMatchObject({ initiatorid: user.id, initiatorname: "alice" });
    expect(await assign(node)).toMatchObject({ processid: process.processid });
    expect(await node.get("removeusermsg", { ...of, name: "alice" }, colony)).toEqual({});
    expect(await node.ask("getusersmsg", of, user)).toMatchObject({ status: 403 });
    expect(node.crashes).toEqual([]);
  });

  it("never changes what the settings list", async () => {
    const node = await startOneNode(store);
    const settings = "is listed in the settings of the server";
    await expectRefusals(node, [
      ["addcolonymsg", newColony, server, 400, `A Colony with name ${COLONY} already exists`],
      [
        "removecolonymsg",
        { colonyname: COLONY },
        server,
        403,
        `Failed to remove colony, colony ${settings}`,
      ],
      [
        "addexecutormsg",
        newExecutor(),
        colony,
        400,
        `Executor with name exec1 in Colony ${COLONY} already exists`,
      ],
      [
        "removeexecutormsg",
        named("exec1"),
        colony,
        403,
        `Failed to remove executor, executor ${settings}`,
      ],
      [
        "rejectexecutormsg",
        named("exec1"),
        colony,
        403,
        `Failed to reject executor, executor ${settings}`,
      ],
      [
        "removeusermsg",
        { colonyname: COLONY, name: "alice" },
        colony,
        403,
        `Failed to remove user, user ${settings}`,
      ],
      [
        "addusermsg",
        { user: newUser },
        colony,
        400,
        `A user with name alice already exists in Colony with name ${COLONY}`,
      ],
    ]);
    expect(await node.get("approveexecutormsg", named("exec1"), colony)).toEqual({});
    const of = { colonyname: COLONY };
    expect(await node.get("getexecutorsmsg", of, user)).toMatchObject([
      { executorname: "exec1", state: 1, commissiontime: "0001-01-01T00:00:00Z" },
    ]);
    expect(await node.get("getusersmsg", of, user)).toEqual([
      { colonyname: COLONY, userid: user.id, name: "alice", email: "", phone: "" },
    ]);
    expect(await node.get("getcoloniesmsg", {}, server)).toEqual([newColony.colony]);
    await node.ask("assignprocessmsg", { colonyname: COLONY, timeout: -1 }, executor);
    expect(await node.get("getexecutormsg", named("exec1"), user)).toMatchObject({
      lastheardfromtime: "0001-01-01T00:00:00Z",
    });
  });

  it("lets the settings come before what was added under the same name", async () => {
    const [records, others] = await openNodeRecords(store, 2);
    if (!records || !others) throw new Error("no records");
    const node = startNode(records, { settings: nobody });
    await addEverybody(node);
    const later = startNode(others, {
      settings: {
        executors: [{ colony: COLONY, name: "exec1", type: "new-type", id: one.id }],
        users: [{ colony: COLONY, name: "alice", id: one.id }],
      },
    });
    const of = { colonyname: COLONY };
    for (const by of [executor, user]) {
      expect(await later.ask("getusersmsg", of, by)).toMatchObject({ status: 403 });
    }
    expect(await later.get("getusersmsg", of, one)).toMatchObject([{ userid: one.id }]);
    expect(await later.get("getexecutorsmsg", of, one)).toMatchObject([{ executorid: one.id }]);
    expect(await later.get("getcoloniesmsg", {}, server)).toEqual([newColony.colony]);
  });

  it("lets what a removed executor runs wait again, and its name be taken", async () => {
    const node = await startOneNode(store, { settings: nobody });
    await addEverybody(node);
    await node.get("addexecutormsg", newExecutor("other", executor, "other-type"), colony);
    await node.get("approveexecutormsg", named("other"), colony);
    const process = await submit(node);
    const kept = await submit(node, {}, { executortype: "other-type" });
    await assign(node);
    await assign(node);
    await node.get("removeexecutormsg", named("exec1"), colony);
    expect(await node.get("removeexecutormsg", named("exec1"), colony)).toEqual({});
    const id = { processid: process.processid };
    expect(await node.get("getprocessmsg", id, user)).toMatchObject({
      state: 0,
      isassigned: false,
      assignedexecutorid: "",
      starttime: "0001-01-01T00:00:00Z",
      retries: 0,
    });
    // The same identity is another executor besides, which goes on.
    expect(await node.get("getprocessmsg", { processid: kept.processid }, user)).toMatchObject({
      state: 1,
    });
    expect(await node.get("getexecutormsg", named("exec1"), user)).toMatchObject({ state: 3 });
    expect(await node.ask("approveexecutormsg", named("exec1"), colony)).toEqual(
      failure(400, "Failed to approve executor, executor is unregistered"),
    );
    expect(await node.get("addexecutormsg", newExecutor("exec1", one), colony)).toMatchObject({
      executorid: one.id,
      state: 0,
    });
    await node.get("approveexecutormsg", named("exec1"), colony);
    expect(await assign(node, one)).toMatchObject(id);
    await node.get("rejectexecutormsg", named("exec1"), colony);
    expect(await node.get("getprocessmsg", id, user)).toMatchObject({ state: 0 });
    expect(await node.ask("assignprocessmsg", { colonyname: COLONY, timeout: -1 }, one)).toEqual(
      failure(403, `Access denied, not a member of Colony with name ${COLONY}`),
    );
  });

  it("removes a colony with all who belong to it; its processes fail", async () => {
    const node = await startOneNode(store, { settings: nobody });
    await addEverybody(node);
    const running = await submit(node);
    await assign(node);
    const waiting = await submit(node);
    expect(await node.get("removecolonymsg", { colonyname: COLONY }, server)).toEqual({});
    for (const { processid } of [running, waiting]) {
      expect(await node.processes.find(processid)).toMatchObject({
        state: 3,
        errors: ["Colony was removed"],
      });
    }
    const gone = failure(403, `Colony with name ${COLONY} does not exists`);
    expect(await node.ask("getexecutorsmsg", { colonyname: COLONY }, executor)).toEqual(gone);
    // Who comes back under its name finds nothing of the old one.
    await node.get("addcolonymsg", newColony, server);
    const denied = failure(403, `Access denied, not a member of Colony with name ${COLONY}`);
    for (const by of [executor, user]) {
      expect(await node.ask("getusersmsg", { colonyname: COLONY }, by)).toEqual(denied);
    }
  });

  it("counts everything for the server's owner", async () => {
    const node = await startOneNode(store);
    await node.get("addexecutormsg", newExecutor("b", one), colony);
    await node.get("addexecutormsg", newExecutor("c", one), colony);
    await node.get("removeexecutormsg", named("c"), colony);
    const closed = await submit(node);
    await assign(node);
    await node.get("closesuccessfulmsg", { processid: closed.processid, out: [] }, executor);
    await submit(node);
    await assign(node);
    await submit(node);
    expect(await node.get("getstatisticsmsg", {}, server)).toMatchObject({
      colonies: 1,
      executors: 3,
      activeexecutors: 1,
      unregisteredexecutors: 1,
      waitingprocesses: 1,
      runningprocesses: 1,
      successfulprocesses: 1,
      failedprocesses: 0,
      cancelledprocesses: 0,
      waitingworkflows: 0,
    });
  });

  it("keeps the executors of an identity in two colonies apart", async () => {
    const settings = {
      colonies: [
        { name: "a", id: colony.id },
        { name: "b", id: colony.id },
      ],
      executors: [{ colony: "a", name: "exec", type: TYPE, id: executor.id }],
      users: [],
    };
    const node = await startOneNode(store, { settings });
    expect(await node.get("getexecutorsmsg", { colonyname: "a" }, executor)).toHaveLength(1);
    expect(await node.ask("getexecutorsmsg", { colonyname: "b" }, executor)).toMatchObject({
      status: 403,
    });
  });

  it("lists nothing of what does not exist here as null", async () => {
    const node = await startOneNode(store);
    for (const type of ["getcronsmsg", "getgeneratorsmsg", "getfilelabelsmsg"]) {
      expect(await node.get(type, { colonyname: COLONY, count: 10 }, user)).toBeNull();
    }
  });
});

describe("An executor", () => {
  it("has been heard from when it asks for a process, noted once a minute", async () => {
    const clock = new ManualClock();
    const node = await startOneNode("memory", { clock, settings: nobody });
    await addEverybody(node);
    const heard = async () => {
      await node.ask("assignprocessmsg", { colonyname: COLONY, timeout: -1 }, executor);
      const found = await node.registry.executors.find(COLONY, "exec1");
      return Date.parse(found?.lastheardfromtime ?? "");
    };
    const startMs = clock.now();
    clock.advance(59_999);
    expect(await heard()).toBe(startMs);
    clock.advance(1);
    expect(await heard()).toBe(startMs + 60_000);
    expect(await node.registry.executors.find(COLONY, "exec1")).toMatchObject({ state: 1 });
  });

  it("that was removed is forgotten with the processes that have ended", async () => {
    const clock = new ManualClock();
    const node = await startOneNode("memory", {
      clock,
      settings: { ...nobody, keepEndedMs: 5000 },
    });
    await addEverybody(node);
    await node.get("removeexecutormsg", named("exec1"), colony);
    clock.advance(5000);
    expect(await node.get("getexecutorsmsg", { colonyname: COLONY }, user)).toBeNull();
  });
});

describe("An open house", () => {
  it("welcomes everybody in every colony, as user and as executor of any type", async () => {
    const node = await startOneNode("memory", { settings: nobody, isOpenHouse: true });
    const process = await submit(node, {}, { executornames: ["whoever"] });
    expect(process).toMatchObject({ initiatorname: user.id.slice(0, 8) });
    const stranger = identityOf(1);
    expect(await assign(node, stranger)).toMatchObject({
      processid: process.processid,
      assignedexecutorid: stranger.id,
    });
    const out = { processid: process.processid, out: ["done"] };
    expect(await node.get("closesuccessfulmsg", out, stranger)).toEqual({});
    expect(await node.get("getexecutorsmsg", { colonyname: "any" }, one)).toBeNull();
  });

  it("has no colony without a name", async () => {
    const node = await startOneNode("memory", { settings: nobody, isOpenHouse: true });
    expect(await node.ask("getusersmsg", { colonyname: "" }, one)).toMatchObject({ status: 403 });
    expect(
      await node.ask("assignprocessmsg", { colonyname: "\n", timeout: -1 }, one),
    ).toMatchObject({ status: 403 });
  });
});

describe("Without an owner of the server", () => {
  it("nobody adds colonies", async () => {
    const node = await startOneNode("memory", { settings: { ...nobody, serverId: undefined } });
    expect(await node.ask("addcolonymsg", newColony, server)).toEqual(
      failure(403, "Access denied, not server owner"),
    );
  });
});

describe("A request that is changed on its way", () => {
  it("comes from somebody whom nobody knows", async () => {
    const node = await startOneNode("memory");
    const members = { colonyname: COLONY, count: 1, state: 0 };
    const envelope = JSON.parse(signedRequest("getprocessesmsg", members, user)) as {
      payload: string;
    };
    const changed = Buffer.from(
      JSON.stringify({ msgtype: "getprocessesmsg", ...members, count: 2 }),
    ).toString("base64");
    const body = JSON.stringify({ ...envelope, payload: changed });
    const { status, text } = await node.api.answer(body, new AbortController().signal);
    expect(status).toBe(403);
    const { payload } = JSON.parse(text) as { readonly payload: string };
    expect(Buffer.from(payload, "base64").toString()).toContain(
      `Access denied, not a member of Colony with name ${COLONY}`,
    );
  });
});
