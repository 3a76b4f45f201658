import type { EngineIoConnection } from "./engine-io.ts";

/** A packet that asks for a namespace, or that answers: CONNECT or CONNECT_ERROR, and its name. */
const CONNECT = /^0(\/[^,]*)?/;
const ANSWER = /^[04](\/[^,]*)?/;
const MAIN_NAMESPACE = "/";

/**
 * Closes a native connection that asks for a namespace while it waits for the answer to the same
 * question. Socket.IO does so once there is an answer; before that, each packet would make it one
 * more socket.
 */
export function forbidRepeatedConnects(connection: EngineIoConnection): void {
  const pending = new Set<string>();
  const onAnswer = ({ data }: { readonly data?: unknown }): void => {
    const name = namespaceOf(ANSWER, data);
    if (name === undefined || !pending.delete(name)) return;
    if (pending.size === 0) connection.off("packetCreate", onAnswer);
  };
  // Before Socket.IO, which may answer at once.
  connection.prependListener("data", (data: unknown) => {
    const name = namespaceOf(CONNECT, data);
    if (name === undefined) return;
    if (pending.has(name)) {
      connection.close();
      return;
    }
    if (pending.size === 0) connection.on("packetCreate", onAnswer);
    pending.add(name);
  });
}

function namespaceOf(packet: RegExp, data: unknown): string | undefined {
  const found = typeof data === "string" ? packet.exec(data) : null;
  return found === null ? undefined : (found[1] ?? MAIN_NAMESPACE);
}
