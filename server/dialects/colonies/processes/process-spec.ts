import { isName } from "../registry/registry-names.ts";
import { failed, type Outcome } from "../wire/outcome.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import type { FunctionSpec } from "./process.ts";

const MAX_PRIORITY = 50_000;
const MAX_EXECUTOR_NAMES = 100;
/** With `process:`, an id and a colon before it, such a name makes the longest name of a room. */
const MAX_CHANNEL_NAME_BYTES = 182;

/**
 * What keeps a process from being submitted, or undefined if nothing does.
 *
 * @param maxChannels that a process may declare
 */
export function specFailure(spec: FunctionSpec, maxChannels: number): Outcome<never> | undefined {
  const { priority, channels = [], conditions } = spec;
  if (Math.abs(priority) > MAX_PRIORITY) {
    return refused(`priority must be between -${MAX_PRIORITY} and ${MAX_PRIORITY}`);
  }
  if (channels.length > maxChannels) return failed(400, "process has too many channels");
  const isChannel = (name: string): boolean => isName(name, MAX_CHANNEL_NAME_BYTES);
  if (!channels.every(isChannel)) return refused("invalid channel name");
  const { executortype, executornames } = conditions;
  if (executortype !== "" && !isName(executortype)) return refused("invalid executor type");
  if (executornames.length > MAX_EXECUTOR_NAMES) return refused("too many executor names");
  return executornames.every((name) => isName(name)) ? undefined : refused("invalid executor name");
}

function refused(problem: string): Outcome<never> {
  return failed(400, `${phraseOf("submitfuncspecmsg")}, ${problem}`);
}
