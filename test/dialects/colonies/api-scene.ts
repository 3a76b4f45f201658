import { randomBytes } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../../server/clock.ts";
import { Api } from "../../../server/dialects/colonies/api.ts";
import { createApiHandlers } from "../../../server/dialects/colonies/api-handlers.ts";
import { Assignments } from "../../../server/dialects/colonies/processes/assignments.ts";
import { Deadlines } from "../../../server/dialects/colonies/processes/deadlines.ts";
import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import { Processes } from "../../../server/dialects/colonies/processes/processes.ts";
import {
  Registry,
  type RegistrySettings,
} from "../../../server/dialects/colonies/registry/registry.ts";
import { Signatures } from "../../../server/dialects/colonies/signatures/signatures.ts";
import { failed } from "../../../server/dialects/colonies/wire/outcome.ts";
import { MemoryRecords } from "../../../server/records/memory-records.ts";
import type { RecordStore } from "../../../server/records/record-store.ts";
import { openRedisNode, type Store } from "../../records/stores.ts";
import {
  type ColoniesIdentity,
  identities,
  readReply,
  signedRequest,
} from "../../support/colonies-signing.ts";
import { startRedis } from "../../support/redis-server.ts";

/** Settings of a node, with the limits that these tests look at. */
export interface NodeSettings extends RegistrySettings {
  readonly maxProcesses: number;
  readonly maxChannelsPerProcess: number;
  readonly maxWaitingAssigns: number;
  readonly maxEndedProcesses: number;
}

/** How a node is to be. */
export interface NodeWishes {
  readonly settings?: Partial<NodeSettings>;
  readonly clock?: Clock;
  readonly isOpenHouse?: boolean;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly payloadtype: string;
  readonly inner: unknown;
}

/** A node that answers signed requests. */
export interface Node {
  readonly api: Api;
  readonly processes: Processes;
  readonly assignments: Assignments;
  readonly deadlines: Deadlines;
  readonly registry: Registry;
  /** What went wrong in the node itself. */
  readonly crashes: unknown[];
  ask(type: string, members: object, by: ColoniesIdentity, signal?: AbortSignal): Promise<Answer>;
  /** As `ask`, for what must be answered well. */
  get<Inner>(type: string, members: object, by: ColoniesIdentity): Promise<Inner>;
}

export const COLONY = "my-colony";
export const TYPE = "chat-executor";

const defaults: NodeSettings = {
  serverId: identities.server.id,
  colonies: [{ name: COLONY, id: identities.colony.id }],
  executors: [{ colony: COLONY, name: "exec1", type: TYPE, id: identities.executor.id }],
  users: [{ colony: COLONY, name: "alice", id: identities.user.id }],
  keepEndedMs: 86_400_000,
  maxProcesses: 10_000,
  maxChannelsPerProcess: 100,
  maxWaitingAssigns: 10_000,
  maxEndedProcesses: 100_000,
};

/** Nobody takes part by these settings. */
export const nobody: Partial<NodeSettings> = { colonies: [], executors: [], users: [] };

/** Opens records, for one node or, in Redis, for several. */
export async function openNodeRecords(
  store: Store,
  count = 1,
  clock: Clock = systemClock,
): Promise<RecordStore[]> {
  if (store === "memory") {
    const records = new MemoryRecords({ clock });
    onTestFinished(() => records.stop());
    return Array.from({ length: count }, () => records);
  }
  const { url } = await startRedis();
  return Promise.all(Array.from({ length: count }, async () => (await openRedisNode(url)).records));
}

/** Starts a node over records; it is stopped when the test ends. */
export function startNode(records: RecordStore, wishes: NodeWishes = {}): Node {
  const { clock = systemClock, isOpenHouse = false } = wishes;
  const settings = { ...defaults, ...wishes.settings };
  const crashes: unknown[] = [];
  const onCrash = (error: unknown) => void crashes.push(error);
  const registry = new Registry({ records, clock, settings, isOpenHouse });
  const { keepEndedMs, maxWaitingAssigns, maxEndedProcesses } = settings;
  const processes = new Processes({ records, clock, randomBytes, keepEndedMs, onCrash });
  const assignments = new Assignments({ processes, clock, maxWaitingAssigns });
  const deadlines = new Deadlines({ processes, clock, maxEndedProcesses, onCrash });
  const signatures = new Signatures({ onCrash });
  const elsewhere = async () => failed(500, "channels are tested elsewhere");
  const channels = { channelappendmsg: elsewhere, channelreadmsg: elsewhere };
  const handlers = createApiHandlers({ registry, processes, assignments, channels, settings });
  const api = new Api({ signatures, handlers, onCrash });
  onTestFinished(async () => {
    assignments.stop();
    deadlines.stop();
    processes.stop();
    await signatures.stop();
  });
  const never = new AbortController().signal;
  const ask: Node["ask"] = async (type, members, by, signal = never) => {
    const { status, text } = await api.answer(signedRequest(type, members, by), signal);
    const { payloadtype, inner } = readReply(text);
    return { status, payloadtype, inner };
  };
  const get = async <Inner>(type: string, members: object, by: ColoniesIdentity) => {
    const { status, inner } = await ask(type, members, by);
    if (status !== 200) throw new Error(`${type}: ${status} ${JSON.stringify(inner)}`);
    return inner as Inner;
  };
  return { api, processes, assignments, deadlines, registry, crashes, ask, get };
}

/** Starts a node of its own. */
export async function startOneNode(store: Store, wishes: NodeWishes = {}): Promise<Node> {
  const [records] = await openNodeRecords(store, 1, wishes.clock);
  if (records === undefined) throw new Error("no records");
  return startNode(records, wishes);
}

/** What a submitter writes. */
export function specOf(members: object = {}, conditions: object = {}): object {
  return {
    spec: {
      funcname: "chat-handler",
      conditions: { colonyname: COLONY, executortype: TYPE, ...conditions },
      ...members,
    },
  };
}

/** Submits a process as the user. */
export function submit(node: Node, members?: object, conditions?: object): Promise<Process> {
  return node.get("submitfuncspecmsg", specOf(members, conditions), identities.user);
}

/** Assigns a process to the executor. */
export function assign(node: Node, by = identities.executor): Promise<Process> {
  return node.get("assignprocessmsg", { colonyname: COLONY, timeout: 10 }, by);
}

/** An answer that is a failure. */
export function failure(status: number, message: string): Answer {
  return { status, payloadtype: "error", inner: { status, message } };
}

/** A request, who makes it, and the failure that answers it. */
export type Refused = readonly [
  type: string,
  members: object,
  by: ColoniesIdentity,
  status: number,
  message: string,
];

/** Makes requests one after the other, each of which is refused. */
export async function expectRefusals(node: Node, refused: readonly Refused[]): Promise<void> {
  for (const [type, members, by, status, message] of refused) {
    expect(await node.ask(type, members, by), `${type}: ${message}`).toEqual(
      failure(status, message),
    );
  }
}
