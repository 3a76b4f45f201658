import type { WebSocket } from "ws";
import { type MsgEntry, readEntries } from "./entry.ts";
import { type FunctionSpec, type Process, readProcess, readProcesses } from "./process.ts";
import { Provisioning } from "./provisioning.ts";

const ANY_STATE = -1;

/**
 * A client of ColonyOS servers. Every call rejects with the server's words where it fails.
 *
 * @example
 * const client = new ColoniesClient({ host: "localhost", port: 50080 });
 * client.setPrivateKey(key);
 * const { processid } = await client.submitFunctionSpec({
 *   funcname: "list",
 *   conditions: { colonyname: "my-colony", executortype: "stream-executor" },
 *   channels: ["output"],
 * });
 */
export class ColoniesClient extends Provisioning {
  /** Submits a process, which waits until an executor takes it. */
  async submitFunctionSpec(spec: FunctionSpec): Promise<Process> {
    return readProcess(await this.call({ msgtype: "submitfuncspecmsg", spec }));
  }

  /** A process as it is now. */
  async getProcess(processid: string): Promise<Process> {
    return readProcess(await this.call({ msgtype: "getprocessmsg", processid }));
  }

  /** At most `count` processes of a colony in a state. */
  async getProcesses(
    colonyname: string,
    count: number,
    state: number,
  ): Promise<readonly Process[]> {
    const message = { msgtype: "getprocessesmsg", colonyname, count, state };
    return readProcesses(await this.call(message));
  }

  /** Removes a process that does not run. */
  removeProcess(processid: string): Promise<unknown> {
    return this.call({ msgtype: "removeprocessmsg", processid, all: false });
  }

  /** For the colony's owner: removes processes in a state, or in any. */
  removeAllProcesses(colonyname: string, state = ANY_STATE): Promise<unknown> {
    return this.call({ msgtype: "removeallprocessesmsg", colonyname, state });
  }

  /**
   * Takes a process of the executor's type, and waits for one if there is none.
   *
   * @param timeoutSecs how long to wait; it rejects after that
   * @param executorKey the executor's private key, which signs this call alone
   * @param signal ends the wait
   */
  async assign(
    colonyname: string,
    timeoutSecs: number,
    executorKey: string,
    signal?: AbortSignal,
  ): Promise<Process> {
    const message = { msgtype: "assignprocessmsg", colonyname, timeout: timeoutSecs };
    return readProcess(await this.call(message, executorKey, signal));
  }

  /** For the executor of a process: it has succeeded. */
  closeProcess(processid: string, out: readonly string[]): Promise<unknown> {
    return this.call({ msgtype: "closesuccessfulmsg", processid, out });
  }

  /** For the executor of a process: it has failed. */
  failProcess(processid: string, errors: readonly string[]): Promise<unknown> {
    return this.call({ msgtype: "closefailedmsg", processid, errors });
  }

  /**
   * Adds a message to a channel, once: it is not added again if it is sent again.
   *
   * @param sequence the sender's own number of it, from 1 and increasing
   * @param inreplyto the number of the message that it answers; 0 for none
   * @param type `data` by default; `end` and `error` are the last of a stream
   */
  channelAppend(
    processid: string,
    name: string,
    sequence: number,
    inreplyto: number,
    payload: string | Uint8Array,
    type?: string,
  ): Promise<unknown> {
    const head = { msgtype: "channelappendmsg", processid, name, sequence, inreplyto };
    const message = { ...head, payload: [...Buffer.from(payload)] };
    return this.call(type === undefined ? message : { ...message, payloadtype: type });
  }

  /** At most `limit` messages of a channel after a number; 0 stands for its start, and no limit. */
  async channelRead(
    processid: string,
    name: string,
    afterseq: number,
    limit: number,
  ): Promise<MsgEntry[]> {
    const message = { msgtype: "channelreadmsg", processid, name, afterseq, limit };
    return readEntries(await this.call(message));
  }

  /**
   * Tells when a process enters a state, also if it is in it already.
   *
   * @param timeoutSecs after that it ends with an error
   * @returns its connection; closing that ends it
   */
  subscribeProcess(
    colonyname: string,
    processid: string,
    state: number,
    timeoutSecs: number,
    onProcess: (process: Process) => void,
    onError: (error: Error) => void,
    onClose: () => void,
  ): WebSocket {
    const names = { msgtype: "subscribeprocessmsg", colonyname, processid, executortype: "" };
    const onNotice = (inner: unknown) => onProcess(readProcess(inner));
    const events = { onNotice, onError, onClose };
    return this.subscribe({ ...names, state, timeout: timeoutSecs }, events);
  }

  /**
   * Tells the messages of a channel after a number, and then each new one.
   *
   * @param timeoutSecs after that it ends; the last batch is empty then
   * @returns its connection; closing that ends it
   */
  subscribeChannel(
    processid: string,
    name: string,
    afterseq: number,
    timeoutSecs: number,
    onEntries: (entries: MsgEntry[]) => void,
    onError: (error: Error) => void,
    onClose: () => void,
  ): WebSocket {
    const channel = { msgtype: "subscribechannelmsg", processid, name };
    const onNotice = (inner: unknown) => onEntries(readEntries(inner));
    const events = { onNotice, onError, onClose };
    return this.subscribe({ ...channel, afterseq, timeout: timeoutSecs }, events);
  }
}
