import { describe, expect, it } from "vitest";
import { stores } from "../../records/stores.ts";
import { identities } from "../../support/colonies-signing.ts";
import { COLONY, expectRefusals, nobody, type Refused, startOneNode } from "./api-scene.ts";
import { addEverybody, named, newColony, newExecutor, newUser } from "./provisioning-scene.ts";

const { server, colony, user, one } = identities;
const of = { colonyname: COLONY };
const notMember = `Access denied, not a member of Colony with name ${COLONY}`;
const long = "n".repeat(256);

const colonies: readonly Refused[] = [
  ["addcolonymsg", newColony, colony, 403, "Access denied, not server owner"],
  ["removecolonymsg", of, colony, 403, "Access denied, not server owner"],
  ["getcoloniesmsg", {}, user, 403, "Access denied, not server owner"],
  ["getstatisticsmsg", {}, user, 403, "Access denied, not server owner"],
  ["addcolonymsg", newColony, server, 400, `A Colony with name ${COLONY} already exists`],
  [
    "addcolonymsg",
    { colony: { colonyid: "ab", name: "c" } },
    server,
    400,
    "Failed to add colony, invalid colony Id length",
  ],
  [
    "addcolonymsg",
    { colony: { colonyid: colony.id.toUpperCase(), name: "c" } },
    server,
    400,
    "Failed to add colony, invalid colony Id",
  ],
  [
    "addcolonymsg",
    { colony: { colonyid: colony.id, name: long } },
    server,
    400,
    "Failed to add colony, invalid colony name",
  ],
  [
    "addcolonymsg",
    { colony: { colonyid: colony.id, name: "a\nb" } },
    server,
    400,
    "Failed to add colony, invalid colony name",
  ],
  ["removecolonymsg", { colonyname: "x" }, server, 400, "Colony with name x not found"],
];

const executors: readonly Refused[] = [
  [
    "addexecutormsg",
    newExecutor(),
    colony,
    400,
    `Executor with name exec1 in Colony ${COLONY} already exists`,
  ],
  ["addexecutormsg", newExecutor("e"), server, 403, "Access denied, not colony owner"],
  [
    "addexecutormsg",
    { executor: { executorid: one.id, executorname: "e", executortype: "t", colonyname: "" } },
    colony,
    403,
    "Empty Colony name",
  ],
  [
    "addexecutormsg",
    { executor: { executorid: one.id, executorname: "e", executortype: "t", colonyname: "x" } },
    colony,
    403,
    "Colony with name x does not exists",
  ],
  [
    "addexecutormsg",
    newExecutor("e", { id: "g".repeat(64), privateKey: "" }),
    colony,
    400,
    "Failed to add executor, invalid executor Id",
  ],
  ["addexecutormsg", newExecutor(""), colony, 400, "Failed to add executor, invalid executor name"],
  [
    "addexecutormsg",
    newExecutor("e", one, long),
    colony,
    400,
    "Failed to add executor, invalid executor type",
  ],
  ["approveexecutormsg", named("x"), colony, 500, "Failed to approve executor, executor is nil"],
  ["removeexecutormsg", named("x"), colony, 500, "Failed to remove executor, executor is nil"],
  ["rejectexecutormsg", named("x"), colony, 500, "Failed to reject executor, executor is nil"],
  ["approveexecutormsg", named("exec1"), user, 403, "Access denied, not colony owner"],
  ["getexecutormsg", named("x"), user, 500, "Failed to get executor, executor is nil"],
  // Owners are no members.
  ["getexecutorsmsg", of, colony, 403, notMember],
  ["getexecutormsg", named("exec1"), server, 403, notMember],
  ["getexecutorsmsg", { colonyname: "x" }, user, 403, "Colony with name x does not exists"],
  ["getprocessesmsg", { ...of, count: 1, state: 0 }, one, 403, notMember],
];

const users: readonly Refused[] = [
  [
    "addusermsg",
    { user: newUser },
    colony,
    400,
    `A user with name alice already exists in Colony with name ${COLONY}`,
  ],
  [
    "addusermsg",
    { user: { ...newUser, colonyname: "x" } },
    colony,
    400,
    "Colony with name x does not exists",
  ],
  ["addusermsg", { user: { ...newUser, colonyname: "" } }, colony, 403, "Empty Colony name"],
  ["addusermsg", { user: newUser }, user, 403, "Access denied, not colony owner"],
  [
    "addusermsg",
    { user: { ...newUser, userid: "", name: "b" } },
    colony,
    400,
    "Failed to add user, invalid user Id length",
  ],
  [
    "addusermsg",
    { user: { ...newUser, name: long } },
    colony,
    400,
    "Failed to add user, invalid user name",
  ],
  [
    "addusermsg",
    { user: { ...newUser, name: "b", email: long } },
    colony,
    400,
    "Failed to add user, invalid email",
  ],
  [
    "addusermsg",
    { user: { ...newUser, name: "b", phone: "\u0000" } },
    colony,
    400,
    "Failed to add user, invalid phone",
  ],
  ["removeusermsg", { ...of, name: "x" }, colony, 500, "Failed to remove user, user is nil"],
  ["removeusermsg", { ...of, name: "alice" }, user, 403, "Access denied, not colony owner"],
  [
    "removeallprocessgraphsmsg",
    of,
    colony,
    403,
    "Failed to remove all process graphs, there are none on this server",
  ],
];

describe.each(stores)("Provisioning over %s", (store) => {
  it("answers what is refused in the words that clients know", async () => {
    const node = await startOneNode(store, { settings: nobody });
    await addEverybody(node);
    await node.get("addexecutormsg", newExecutor("pending", one), colony);
    await expectRefusals(node, [...colonies, ...executors, ...users]);
    expect(node.crashes).toEqual([]);
  });
});
