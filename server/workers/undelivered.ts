import type { ChildProcess } from "node:child_process";

/** Node's own words for handing a connection to a worker, which it does not document. */
interface HandOff {
  readonly act?: unknown;
  readonly seq?: unknown;
}
interface Acknowledgement {
  readonly ack?: unknown;
}
interface Handle {
  close(): void;
}

/**
 * Closes the connection that was on its way to a worker when the worker died. Node forgets it, and
 * its client would wait for ever instead of trying again.
 */
export function closeUndelivered(worker: ChildProcess): void {
  const underWay = new Map<unknown, Handle>();
  const send = worker.send;
  worker.send = function sendAndNote(this: ChildProcess, ...args: unknown[]): boolean {
    const [message, handle] = args;
    if (isHandOff(message) && isHandle(handle)) underWay.set(message.seq, handle);
    return Reflect.apply(send, this, args);
  };
  worker.on("internalMessage", ({ ack }: Acknowledgement) => underWay.delete(ack));
  worker.once("exit", () => {
    for (const handle of underWay.values()) handle.close();
    underWay.clear();
  });
}

function isHandOff(message: unknown): message is HandOff {
  return (
    typeof message === "object" && message !== null && Reflect.get(message, "act") === "newconn"
  );
}

function isHandle(handle: unknown): handle is Handle {
  return typeof handle === "object" && handle !== null && "close" in handle;
}
