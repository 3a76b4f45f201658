import type { Client } from "./clients/client.ts";
import { encodeClientFrame } from "./clients/client-frame.ts";
import type { Lane, Round } from "./round.ts";
import type { ServerProcess } from "./server-process.ts";

/** Refs are used over and over, so that the client's frames are ready beforehand. */
const REFS = 64;

/** A client that pushes into a room of its own, again as soon as it is answered. */
class Pusher {
  readonly #client: Client;
  readonly #frames: readonly Buffer[];
  readonly #sentAtMs = new Float64Array(REFS);
  #sent = 0;
  #answered = 0;
  #deadlineMs = 0;
  #latenciesMs: number[] = [];
  #onDrained: () => void = () => {};

  constructor(client: Client, room: string) {
    this.#client = client;
    this.#frames = Array.from({ length: REFS }, (_, ref) =>
      encodeClientFrame(JSON.stringify(["1", String(ref), room, "ping", { y: 1 }])),
    );
    client.onMessages = (count) => this.#answer(count);
  }

  /** Keeps `underWay` pushes under way until the deadline, and waits for the last answers. */
  run(deadlineMs: number, underWay: number): Promise<readonly number[]> {
    this.#deadlineMs = deadlineMs;
    this.#latenciesMs = [];
    return new Promise((resolve) => {
      this.#onDrained = () => resolve(this.#latenciesMs);
      this.#push(underWay);
    });
  }

  /** Answers come in the order of the pushes. */
  #answer(count: number): void {
    const nowMs = performance.now();
    for (let index = 0; index < count; index += 1) {
      this.#latenciesMs.push(nowMs - (this.#sentAtMs[this.#answered % REFS] ?? 0));
      this.#answered += 1;
    }
    if (nowMs < this.#deadlineMs) this.#push(count);
    else if (this.#answered === this.#sent) this.#onDrained();
  }

  #push(count: number): void {
    const nowMs = performance.now();
    const frames: Buffer[] = [];
    for (let index = 0; index < count; index += 1) {
      const frame = this.#frames[this.#sent % REFS];
      if (frame !== undefined) frames.push(frame);
      this.#sentAtMs[this.#sent % REFS] = nowMs;
      this.#sent += 1;
    }
    this.#client.send(Buffer.concat(frames));
  }
}

/** A contender's lane for pushes with replies, each client alone in a room of its own. */
export function pushLane(
  name: string,
  server: ServerProcess,
  clients: readonly Client[],
  roomOf: (index: number) => string,
  underWay: number,
): Lane {
  const pushers = clients.map((client, index) => new Pusher(client, roomOf(index)));
  return { name, run: (durationMs) => runPushers(server, pushers, durationMs, underWay) };
}

async function runPushers(
  server: ServerProcess,
  pushers: readonly Pusher[],
  durationMs: number,
  underWay: number,
): Promise<Round> {
  const before = await server.usage();
  const startMs = performance.now();
  const runs = pushers.map((pusher) => pusher.run(startMs + durationMs, underWay));
  const latenciesMs = (await Promise.all(runs)).flat();
  const elapsedMs = performance.now() - startMs;
  const after = await server.usage();
  return {
    operations: latenciesMs.length,
    elapsedMs,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    latenciesMs,
  };
}
