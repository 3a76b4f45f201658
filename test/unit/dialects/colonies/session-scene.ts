import { EventEmitter } from "node:events";
import type { Socket } from "socket.io";
import type { Close } from "../../../../server/codes.ts";
import type { Connection } from "../../../../server/connections/connection.ts";
import type { Message } from "../../../../server/connections/message.ts";
import type { ReadEntries } from "../../../../server/dialects/colonies/channels/channel-reader.ts";
import type { Channels } from "../../../../server/dialects/colonies/channels/channels.ts";
import type { WireEntry } from "../../../../server/dialects/colonies/channels/entry.ts";
import type { Process } from "../../../../server/dialects/colonies/processes/process.ts";
import { ColoniesSession } from "../../../../server/dialects/colonies/subscriptions/session.ts";
import { SubscriptionWatches } from "../../../../server/dialects/colonies/subscriptions/subscription-watches.ts";
import type { Failure } from "../../../../server/dialects/colonies/wire/outcome.ts";
import type { Answer } from "../../../../server/rooms/joining.ts";
import type { Member } from "../../../../server/rooms/member.ts";
import type { Reply } from "../../../../server/rooms/reply.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { until } from "../../../support/until.ts";

/** An identity; in these tests a signature is the signer's own name. */
export const ANN = "ann";
export const PROCESS_ID = "a".repeat(64);
export const ROOM = `process:${PROCESS_ID}:chat`;

/** A reply frame, opened. */
export interface Frame {
  readonly type: string;
  readonly isError: boolean;
  readonly inner: unknown;
}

/** The connection of one client that keeps what it is sent. */
class FakeConnection extends EventEmitter {
  readonly frames: Frame[] = [];
  readonly closes: Close[] = [];
  readyState: "open" | "closed" = "open";
  waitingBytes = 0;
  badFrames = 0;

  send(message: Message): void {
    if (this.readyState === "open") this.frames.push(readFrame(String(message.data)));
  }

  end(close: Close): void {
    if (this.readyState !== "open") return;
    this.closes.push(close);
    this.readyState = "closed";
    this.emit("close");
  }

  refuseFrame(): void {
    this.badFrames += 1;
    this.end({ code: 1011, reason: "frame not understood", next: "backoff" });
  }
}

/** Processes that a test changes as it likes. */
class FakeProcesses {
  readonly kept = new Map<string, Process>();
  readonly #listeners = new Set<(id: string, process: Process | undefined) => void>();
  /** What `find` does in the place of finding. */
  onFind: (() => Promise<Process | undefined>) | undefined;
  finds = 0;

  find(id: string): Promise<Process | undefined> {
    this.finds += 1;
    return this.onFind?.() ?? Promise.resolve(this.kept.get(id));
  }

  watch(listener: (id: string, process: Process | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  /** Changes a process and says so. */
  change(changes: Partial<Process>): void {
    const process = { ...(this.kept.get(PROCESS_ID) ?? processIn(0)), ...changes };
    this.kept.set(PROCESS_ID, process);
    this.tell(process);
  }

  remove(): void {
    this.kept.delete(PROCESS_ID);
    this.tell(undefined);
  }

  tell(process: Process | undefined): void {
    for (const listener of [...this.#listeners]) listener(PROCESS_ID, process);
  }
}

/** A request to join a room, waiting for the test's answer. */
export interface Join {
  readonly room: string;
  readonly params: unknown;
  readonly answer: (reply: Reply, isIn: boolean) => void;
}

/** A session with everything around it in the test's hands. */
export class SessionScene {
  readonly connection = new FakeConnection();
  readonly clock = new ManualClock();
  readonly processes = new FakeProcesses();
  readonly joins: Join[] = [];
  readonly leaves: string[] = [];
  readonly crashes: unknown[] = [];
  /** What reading a channel gives, one after the other; at its end there is nothing. */
  readonly parts: (ReadEntries | undefined)[] = [];
  readonly reads: number[] = [];
  #held: Promise<void> | undefined;
  authorised: Failure | undefined;
  strange: Failure | undefined;
  readonly session: ColoniesSession;

  constructor() {
    const { clock, processes } = this;
    const onCrash = (error: unknown): void => void this.crashes.push(error);
    const watches = new SubscriptionWatches({ processes, clock, onCrash });
    const connection = this.connection as unknown as Connection;
    this.session = new ColoniesSession(connection, {} as Socket, {
      signatures: {
        signer: async (_payload, signature) =>
          signature === "bad"
            ? { ok: false, status: 403, text: "bad" }
            : { ok: true, id: signature },
      },
      processes,
      membership: { failure: async () => this.strange },
      channels: this.#channels() as unknown as Channels,
      rooms: {
        join: (_socket, room, { params }, answer) => this.#join(String(room), params, answer),
        leave: (_socket, room) => void this.leaves.push(String(room)),
      },
      passFor: (identity) => `pass of ${identity}`,
      clock,
      limits: { maxBacklogBytes: 1000 },
      onCrash,
      watches,
    });
  }

  get frames(): readonly Frame[] {
    return this.connection.frames;
  }

  /** Waits until so many frames have come, and gives the last of them. */
  async frame(count: number): Promise<Frame | undefined> {
    await until(`frame ${count}`, () => this.frames.length >= count);
    return this.frames[count - 1];
  }

  /** Waits until something is so, with whatever is under way going on. */
  async sees(what: string, probe: () => boolean): Promise<void> {
    await until(what, probe);
  }

  /** Waits until nothing is under way that does not wait for the test. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Keeps what reads the channel waiting. */
  holdReads(): { readonly release: () => void } {
    let release = (): void => {};
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return { release: () => release() };
  }

  subscribeProcess(state: number, timeout = 60): void {
    this.send("subscribeprocessmsg", { processid: PROCESS_ID, state, timeout });
  }

  subscribeChannel(afterseq = 0, timeout = 60): void {
    this.send("subscribechannelmsg", { processid: PROCESS_ID, name: "chat", afterseq, timeout });
  }

  send(type: string, members: object, signature = ANN): void {
    this.session.receive(requestText(type, members, signature));
  }

  #join(room: string, params: unknown, answer: Answer): void {
    this.joins.push({
      room,
      params,
      answer: (reply, isIn) => answer(reply, isIn ? ({} as Member) : undefined),
    });
  }

  #channels() {
    const nothing: ReadEntries = {
      entries: [],
      place: { epoch: "e", offset: 0 },
      isEnd: true,
    };
    return {
      authorise: async () =>
        this.authorised === undefined
          ? { ok: true, value: { room: ROOM } }
          : { ok: false, failure: this.authorised },
      reader: {
        placeAfter: async (_room: string, sequence: number) => ({ epoch: "e", offset: sequence }),
        read: async (_room: string, { offset }: { readonly offset: number }) => {
          this.reads.push(offset);
          await this.#held;
          return this.parts.length === 0 ? nothing : this.parts.shift();
        },
      },
    };
  }
}

/** A request as it travels, signed by whoever is named. */
export function requestText(type: string, members: object, signature = ANN): string {
  const inner = JSON.stringify({ msgtype: type, ...members });
  const payload = Buffer.from(inner).toString("base64");
  return JSON.stringify({ payloadtype: type, payload, signature });
}

/** A process in a state. */
export function processIn(state: number, changes: Partial<Process> = {}): Process {
  const conditions = { colonyname: "c", executornames: [], executortype: "t" };
  return {
    processid: PROCESS_ID,
    state,
    retries: 0,
    starttime: state === 0 ? "never" : "then",
    initiatorid: ANN,
    assignedexecutorid: "",
    spec: { conditions },
    ...changes,
  } as unknown as Process;
}

/** An entry as a reader gives it. */
export function entry(sequence: number): WireEntry {
  return {
    sequence,
    inreplyto: 0,
    timestamp: "2026-01-01T00:00:00.000Z",
    senderid: ANN,
    payload: "aGk=",
    type: "data",
  };
}

/** The answer to a join whose client has got all that it had missed. */
export function recovered(isAll = true): Reply {
  return { status: "ok", response: { recovered: isAll, offset: 1, epoch: "e" } };
}

/** A frame without an error whose inner value is this. */
export function told(type: string, inner: unknown): Frame {
  return { type, isError: false, inner };
}

/** A frame that says what went wrong. */
export function wrong(status: number, message: string): Frame {
  return { type: "error", isError: true, inner: { status, message } };
}

function readFrame(text: string): Frame {
  const { payloadtype, payload, error } = JSON.parse(text);
  const inner: unknown = JSON.parse(Buffer.from(payload, "base64").toString());
  return { type: payloadtype, isError: error, inner };
}
