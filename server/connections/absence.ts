import type { Duplex } from "node:stream";
import type { Watch } from "../turnstile.ts";

/** Watches for the end of the stream on which a client waits. */
export function absenceOf(stream: Duplex): Watch {
  return (giveUp) => {
    stream.once("close", giveUp);
    return () => stream.off("close", giveUp);
  };
}

/**
 * Looks after an upgrade's stream while nobody else does: one that breaks, or whose peer hangs up,
 * is destroyed. What a peer has sent too early stays in the stream.
 *
 * @returns a function that leaves the stream to its next owner
 */
export function endWithPeer(stream: Duplex): () => void {
  const destroy = (): void => void stream.destroy();
  const onReadable = (): void => {
    // A stream tells its end only to those who read it.
    if (stream.readableLength === 0) stream.read();
  };
  stream.on("error", destroy);
  stream.on("end", destroy);
  stream.on("readable", onReadable);
  return () => {
    stream.off("error", destroy);
    stream.off("end", destroy);
    stream.off("readable", onReadable);
  };
}
