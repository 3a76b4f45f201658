import type { RequestType } from "./request.ts";

/** Most characters of an unknown type that a text repeats. */
const MAX_SHOWN = 64;

const phrases: { readonly [Type in RequestType]: string } = {
  addcolonymsg: "Failed to add colony",
  removecolonymsg: "Failed to remove colony",
  getcoloniesmsg: "Failed to get colonies",
  getstatisticsmsg: "Failed to get statistics",
  addexecutormsg: "Failed to add executor",
  approveexecutormsg: "Failed to approve executor",
  rejectexecutormsg: "Failed to reject executor",
  removeexecutormsg: "Failed to remove executor",
  getexecutorsmsg: "Failed to get executors",
  getexecutormsg: "Failed to get executor",
  addusermsg: "Failed to add user",
  getusersmsg: "Failed to get users",
  removeusermsg: "Failed to remove user",
  submitfuncspecmsg: "Failed to submit process",
  getprocessmsg: "Failed to get process",
  getprocessesmsg: "Failed to get processes",
  removeprocessmsg: "Failed to remove process",
  removeallprocessesmsg: "Failed to remove all processes",
  assignprocessmsg: "Failed to assign process",
  closesuccessfulmsg: "Failed to close process as successful",
  closefailedmsg: "Failed to close process as failed",
  channelappendmsg: "Failed to append to channel",
  channelreadmsg: "Failed to read from channel",
  subscribeprocessmsg: "Failed to subscribe to process",
  subscribechannelmsg: "Failed to subscribe to channel",
  getcronsmsg: "Failed to get crons",
  getgeneratorsmsg: "Failed to get generators",
  getfilelabelsmsg: "Failed to get file labels",
  removeallprocessgraphsmsg: "Failed to remove all process graphs",
};

const known: ReadonlySet<string> = new Set(Object.keys(phrases));

/**
 * How the failure of a request begins. A comma, a space and the reason follow.
 *
 * @example
 * phraseOf("channelappendmsg"); // "Failed to append to channel"
 */
export function phraseOf(type: RequestType): string {
  return phrases[type];
}

/** Whether a text is the type of a request that this server knows. */
export function isRequestType(text: string): text is RequestType {
  return known.has(text);
}

/** What is said of a type that nobody answers; at most 64 printable characters of it. */
export function unknownTypeText(type: string): string {
  const shown = Array.from(type.slice(0, 2 * MAX_SHOWN)).slice(0, MAX_SHOWN);
  return `invalid rpcMsg.PayloadType: ${shown.join("").replace(/\p{C}/gu, "?")}`;
}
