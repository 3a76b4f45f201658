import { type ColoniesIdentity, identities } from "../../support/colonies-signing.ts";
import { COLONY, type Node, TYPE } from "./api-scene.ts";

const { server, colony, executor, user } = identities;

/** What adds the colony. */
export const newColony = { colony: { colonyid: colony.id, name: COLONY } };
/** The user, as it is added. */
export const newUser = {
  colonyname: COLONY,
  userid: user.id,
  name: "alice",
  email: "a@b",
  phone: "1",
};

/** What adds an executor. */
export function newExecutor(name = "exec1", by: ColoniesIdentity = executor, type = TYPE): object {
  return {
    executor: {
      executorid: by.id,
      executortype: type,
      executorname: name,
      colonyname: COLONY,
    },
  };
}

/** Means an executor by its name. */
export function named(executorname: string): object {
  return { colonyname: COLONY, executorname };
}

/** Adds a colony, an executor, which is approved, and a user. */
export async function addEverybody(node: Node): Promise<void> {
  await node.get("addcolonymsg", newColony, server);
  await node.get("addexecutormsg", newExecutor(), colony);
  await node.get("approveexecutormsg", named("exec1"), colony);
  await node.get("addusermsg", { user: newUser }, colony);
}
