import type { Process } from "../../../server/dialects/colonies/processes/process.ts";
import type { RecordStore } from "../../../server/records/record-store.ts";
import { identities } from "../../support/colonies-signing.ts";
import { until } from "../../support/until.ts";
import { type Answer, COLONY, failure, type Node, TYPE } from "./api-scene.ts";

/** Nothing to do. */
export const NONE = failure(404, "No process available for assignment");
/** The executor of the settings, as they list it. */
export const exec1 = { colony: COLONY, name: "exec1", type: TYPE, id: identities.executor.id };

/** Asks for a process; waits `timeout` seconds, or not at all with -1. */
export function ask(
  node: Node,
  timeout: number,
  by = identities.executor,
  signal?: AbortSignal,
): Promise<Answer> {
  return node.ask("assignprocessmsg", { colonyname: COLONY, timeout }, by, signal);
}

/** Resolves once a number of executors sleep at a node. */
export function waitingAt(node: Node, count: number): Promise<unknown> {
  return until(`${count} executors to wait`, () => node.assignments.waiting === count);
}

/** Which process an answer gives. */
export function idIn({ inner }: Answer): string {
  return (inner as Process).processid;
}

/** Records of which some methods do something else. */
export function changed(records: RecordStore, changes: Partial<RecordStore>): RecordStore {
  return {
    read: (key) => records.read(key),
    write: (change) => records.write(change),
    remove: (key, version) => records.remove(key, version),
    list: (index, listing) => records.list(index, listing),
    count: (index) => records.count(index),
    watch: (listener) => records.watch(listener),
    stop: () => records.stop(),
    ...changes,
  };
}
