import { describe, expect, it } from "vitest";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { stores } from "../../records/stores.ts";
import { identities } from "../../support/colonies-signing.ts";
import {
  assign,
  COLONY,
  expectRefusals,
  type Refused,
  specOf,
  startOneNode,
  submit,
  TYPE,
} from "./api-scene.ts";
import { idOf, listed } from "./processes-scene.ts";

const { colony, executor, user, one } = identities;
const NOT_MEMBER = `Access denied, not a member of Colony with name ${COLONY}`;
const unknown = { processid: "f".repeat(64) };
const oneMore = { colony: COLONY, name: "exec2", type: "other", id: one.id };
const withTwo = {
  executors: [{ colony: COLONY, name: "exec1", type: TYPE, id: executor.id }, oneMore],
};

const submission = "Failed to submit process";
const closeOk = "Failed to close process as successful";
const closeBad = "Failed to close process as failed";

/** A process in each state that a refusal depends on. */
interface Each {
  readonly waiting: Process;
  readonly running: Process;
  readonly successful: Process;
  readonly failed: Process;
}

const submissions: readonly Refused[] = [
  ["submitfuncspecmsg", specOf(), colony, 403, NOT_MEMBER],
  [
    "submitfuncspecmsg",
    specOf({}, { colonyname: "x" }),
    user,
    403,
    "Colony with name x does not exists",
  ],
  [
    "submitfuncspecmsg",
    specOf({ priority: 50_001 }),
    user,
    400,
    `${submission}, priority must be between -50000 and 50000`,
  ],
  [
    "submitfuncspecmsg",
    specOf({ priority: -50_001 }),
    user,
    400,
    `${submission}, priority must be between -50000 and 50000`,
  ],
  [
    "submitfuncspecmsg",
    specOf({ channels: ["a", "b", "c", "d"] }),
    user,
    400,
    "process has too many channels",
  ],
  [
    "submitfuncspecmsg",
    specOf({ channels: [""] }),
    user,
    400,
    `${submission}, invalid channel name`,
  ],
  [
    "submitfuncspecmsg",
    specOf({ channels: ["é".repeat(92)] }),
    user,
    400,
    `${submission}, invalid channel name`,
  ],
  [
    "submitfuncspecmsg",
    specOf({ channels: ["a\tb"] }),
    user,
    400,
    `${submission}, invalid channel name`,
  ],
  [
    "submitfuncspecmsg",
    specOf({}, { executortype: "t".repeat(256) }),
    user,
    400,
    `${submission}, invalid executor type`,
  ],
  [
    "submitfuncspecmsg",
    specOf({}, { executornames: [""] }),
    user,
    400,
    `${submission}, invalid executor name`,
  ],
  [
    "submitfuncspecmsg",
    specOf({}, { executornames: Array.from({ length: 101 }, (_, at) => `e${at}`) }),
    user,
    400,
    `${submission}, too many executor names`,
  ],
];

function looksAndRemovals({ waiting, running }: Each): readonly Refused[] {
  return [
    ["getprocessmsg", unknown, user, 404, "Failed to get process, process not found"],
    // Whether there is one is looked at before who asks.
    ["getprocessmsg", unknown, one, 404, "Failed to get process, process not found"],
    ["getprocessmsg", { processid: "x" }, user, 404, "Failed to get process, process not found"],
    ["getprocessmsg", idOf(waiting), colony, 403, NOT_MEMBER],
    [
      "getprocessesmsg",
      listed(0, 0),
      user,
      400,
      "Failed to get processes, count must be between 1 and 100",
    ],
    [
      "getprocessesmsg",
      listed(0, 101),
      user,
      400,
      "Failed to get processes, count must be between 1 and 100",
    ],
    ["getprocessesmsg", listed(-1), user, 400, "Failed to get processes, invalid state"],
    ["getprocessesmsg", listed(0), colony, 403, NOT_MEMBER],
    ["removeprocessmsg", unknown, user, 500, "Failed to remove process, process is nil"],
    ["removeprocessmsg", idOf(waiting), colony, 403, NOT_MEMBER],
    [
      "removeprocessmsg",
      idOf(running),
      user,
      400,
      "Failed to remove process, cannot remove a running process",
    ],
    ["removeallprocessesmsg", listed(-1), executor, 403, "Access denied, not colony owner"],
    [
      "removeallprocessesmsg",
      listed(9),
      colony,
      400,
      "Failed to remove all processes, invalid state",
    ],
  ];
}

function closings({ waiting, running, successful, failed }: Each): readonly Refused[] {
  return [
    ["closesuccessfulmsg", unknown, executor, 500, `${closeOk}, process is nil`],
    ["closefailedmsg", unknown, executor, 500, `${closeBad}, process is nil`],
    ["closesuccessfulmsg", idOf(running), colony, 403, NOT_MEMBER],
    ["closesuccessfulmsg", idOf(waiting), executor, 403, `${closeOk}, process is not assigned`],
    ["closefailedmsg", idOf(waiting), executor, 403, `${closeBad}, process is not assigned`],
    [
      "closesuccessfulmsg",
      idOf(running),
      one,
      403,
      `${closeOk}, not allowed to close process as successful`,
    ],
    [
      "closefailedmsg",
      idOf(running),
      user,
      403,
      `${closeBad}, not allowed to close process as failed`,
    ],
    [
      "closesuccessfulmsg",
      idOf(failed),
      executor,
      400,
      "Tried to set failed process as successful",
    ],
    [
      "closefailedmsg",
      idOf(successful),
      executor,
      400,
      "Tried to set successful process as failed",
    ],
    ["closefailedmsg", idOf(failed), executor, 400, "Tried to set failed process as failed"],
  ];
}

describe.each(stores)("Processes over %s", (store) => {
  it("answer what is refused in the words that clients know", async () => {
    const node = await startOneNode(store, { settings: { ...withTwo, maxChannelsPerProcess: 3 } });
    const [failed, successful, running] = await Promise.all([1, 2, 3].map(() => submit(node)));
    const waiting = await submit(node);
    if (!failed || !successful || !running) throw new Error("not submitted");
    for (let count = 0; count < 3; count += 1) await assign(node);
    await node.get("closefailedmsg", { ...idOf(failed), errors: [] }, executor);
    await node.get("closesuccessfulmsg", { ...idOf(successful), out: [1] }, executor);
    const each = { waiting, running, successful, failed };
    await expectRefusals(node, [...submissions, ...looksAndRemovals(each), ...closings(each)]);
    // Closed well a second time is well, and changes nothing.
    const again = { ...idOf(successful), out: [2] };
    expect(await node.get("closesuccessfulmsg", again, executor)).toEqual({});
    const kept = await node.get("getprocessmsg", idOf(successful), user);
    expect(kept).toMatchObject({ state: 2, out: [1] });
    expect(node.crashes).toEqual([]);
  });
});
