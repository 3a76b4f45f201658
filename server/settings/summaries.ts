import type { ColoniesOptions, Limits } from "../options.ts";

/** What each limit is, in a line of the help. */
export const limitSummaries: Readonly<Record<keyof Limits, string>> = {
  maxFrameBytes: "Largest frame, packet or body",
  maxBacklogBytes: "Most that may wait for one slow reader",
  maxRoomsPerConnection: "Rooms one connection may be in",
  maxWaitingPushes: "Requests of one member that may wait for the one under way",
  maxMetaBytes: "Largest presence meta that a join may bring",
  dialectTimeoutMs: "How long a connection may go without showing its dialect",
  idleTimeoutMs: "How long a connection may be silent",
  longPollWindowMs: "How long a long-poll request waits",
  presenceWindowMs: "How long joins and leaves are gathered into one presence_diff",
  presenceTimeoutMs: "How long another node may be silent; the same on all nodes",
  maxLogBytes: "Payloads that one room's log keeps",
  maxLogsBytes: "Payloads that all logs of a node keep, without Redis",
  maxLogs: "Logs of rooms without members that a node keeps",
  connectsPerSec: "New connections in a second; more wait for their turn",
  joinsPerSec: "Joins in a second; more wait for their turn",
  maxWaitingConnects: "Connections that may wait; further ones are told to come later",
  maxWaitingJoins: "Joins that may wait; further ones are refused",
  drainBatchSize: "Connections that a shutdown closes at once",
  drainEveryMs: "How long a shutdown waits before it closes the next ones",
  shutdownTimeoutMs: "How long a shutdown may take before what is left is cut",
};

/** What each limit of ColonyOS's is. */
export const coloniesSummaries = {
  maxChannelEntries: "Entries that one channel takes",
  maxChannelBytes: "Payloads that one channel takes",
  maxChannelsPerProcess: "Channels that one process may declare",
  appendBurst: "Entries that the channels of a process take at once",
  appendsPerSec: "Entries that they take in a second, for as long as they come",
  maxProcesses: "Processes of one colony that may wait or run",
  maxWaitingAssigns: "Executors that may wait for a process",
  maxEndedProcesses: "Processes that have ended and are kept",
  keepEndedMs: "How long a process is kept that has ended",
} as const satisfies Partial<Record<keyof ColoniesOptions, string>>;
