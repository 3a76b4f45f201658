/** Event of a message that names none. */
export const MESSAGE = "message";
/** Events that tell a member who is present. */
export const PRESENCE_EVENTS: ReadonlySet<string> = new Set(["presence_state", "presence_diff"]);

/** Events that tell a member that it is one no more: because it left, or for another reason. */
export type EndEvent = "phx_close" | "phx_error";

/** Whether an event ends a membership. */
export function isEnd(event: string): event is EndEvent {
  return event === "phx_close" || event === "phx_error";
}
