// JavaScript, since a worker of Node 20 loads no TypeScript.
import { parentPort } from "node:worker_threads";
import { recoverId } from "./recover.js";

/**
 * @typedef {object} RecoveryTask what the worker is asked
 * @property {string} digest see {@link recoverId}
 * @property {string} signature see {@link recoverId}
 */

/**
 * @typedef {RecoveryTask & {id: string | undefined}} Recovery what it answers, to each task once and
 *   in their order
 */

parentPort?.on("message", (/** @type {RecoveryTask} */ task) => {
  /** @type {Recovery} */
  const recovery = { ...task, id: recoverId(task.digest, task.signature) };
  parentPort?.postMessage(recovery);
});
