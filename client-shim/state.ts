/** The states of a Channel, in the order of `ready_state`. */
export const ChannelState = {
  CONNECTING: "connecting",
  OPEN: "open",
  CLOSING: "closing",
  CLOSED: "closed",
} as const;

/** One of the states of a Channel. */
export type ChannelState = (typeof ChannelState)[keyof typeof ChannelState];
