import type { Writable } from "node:stream";

/** Beyond this, copying costs more than a gathering write. */
const MAX_JOINED_BYTES = 16_384;

/**
 * Frames for one connection, in order. Writers that are given the same frames hold the same
 * sequence, so that the frames of several broadcasts are joined once for all their members.
 */
export class Sequence {
  /** Size of all its frames together. */
  readonly byteLength: number;
  readonly #previous: Sequence | undefined;
  readonly #frame: Buffer | undefined;
  /** What the last writer made of this one; members of a room are written to in a row. */
  #following: Sequence | undefined;
  #pieces: readonly Buffer[] | undefined;

  constructor(previous?: Sequence, frame?: Buffer) {
    this.#previous = previous;
    this.#frame = frame;
    this.byteLength = (previous?.byteLength ?? 0) + (frame?.byteLength ?? 0);
  }

  /** This sequence and one more frame. */
  with(frame: Buffer): Sequence {
    const known = this.#following;
    if (known !== undefined && known.#frame === frame) return known;
    const following = new Sequence(this, frame);
    this.#following = following;
    return following;
  }

  /** Writes all frames with one system call. */
  writeTo(stream: Writable): void {
    this.#pieces ??= this.#join();
    const [only] = this.#pieces;
    if (this.#pieces.length === 1) {
      stream.write(only);
      return;
    }
    stream.cork();
    for (const piece of this.#pieces) stream.write(piece);
    stream.uncork();
  }

  #join(): readonly Buffer[] {
    const frames: Buffer[] = [];
    if (this.#frame !== undefined) frames.push(this.#frame);
    for (let at = this.#previous; at !== undefined; at = at.#previous) {
      if (at.#frame !== undefined) frames.push(at.#frame);
    }
    frames.reverse();
    const isJoined = frames.length > 1 && this.byteLength <= MAX_JOINED_BYTES;
    return isJoined ? [Buffer.concat(frames)] : frames;
  }
}
