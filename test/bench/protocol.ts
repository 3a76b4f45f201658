/** What the driver asks of a server's process. Each but `publish` and `stop` is answered. */
export type Command =
  /** Send `count` messages to the room, one after the other, in one turn of the event loop. */
  | { readonly kind: "publish"; readonly count: number }
  /** Report what was used so far. `collectGarbage` asks for a full collection first. */
  | { readonly kind: "usage"; readonly collectGarbage: boolean }
  | { readonly kind: "stop" };

/** What a server's process says. */
export type Answer =
  | { readonly kind: "listening"; readonly port: number }
  | ({ readonly kind: "usage" } & Usage);

/** What a server's process has used. */
export interface Usage {
  /** User and system time of all its threads since it started, in microseconds. */
  readonly cpuMicros: number;
  /** Memory that the system counts. */
  readonly rssBytes: number;
  /** Memory that JavaScript holds: used heap and external buffers. */
  readonly heldBytes: number;
}

/** Reads a command off the wire between the two processes. */
export function isCommand(value: unknown): value is Command {
  return isOfKind(value, ["publish", "usage", "stop"]);
}

/** Reads an answer off the wire between the two processes. */
export function isAnswer(value: unknown): value is Answer {
  return isOfKind(value, ["listening", "usage"]);
}

/** Both processes run the same build, so the kind vouches for the rest. */
function isOfKind(value: unknown, kinds: readonly string[]): boolean {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && kinds.includes(value.kind);
}
