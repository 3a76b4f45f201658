import { type Attempt, CrowdRecord } from "./crowd-record.ts";

/** Who a member of the crowd is, and where it goes. */
export interface Seat {
  readonly name: string;
  readonly room: string;
  readonly token: string;
  /** The nodes it may be at, the first one it goes to first. */
  readonly ports: readonly number[];
}

/** What became of a push. Without an answer, nobody knows. */
export type PushOutcome = "taken" | "unanswered" | { readonly refused: string };

/** A reply, as far as a crowd looks at it. */
export interface CrowdReply {
  readonly status: string;
  readonly response: unknown;
}

/** How long a client waits before it tries the next node. */
export const RETRY_MS = 50;

/** What a member has of its room's log. */
interface Position {
  readonly since: number;
  readonly epoch: string;
}

/** A client that stays in one room, whatever becomes of the node that it is at. */
export abstract class CrowdMember {
  readonly seat: Seat;
  readonly record = new CrowdRecord();
  /** The latest attempt to connect. */
  attempt: Attempt = { port: 0, ms: 0 };
  #attempts = 0;
  #position: Position | undefined;

  constructor(seat: Seat) {
    this.seat = seat;
  }

  /** Whether its presence has its own name for a key; otherwise what that is. */
  get presenceKey(): string {
    return this.seat.name;
  }

  /** Whether it tells what it has of a log when it comes back. */
  get recovers(): boolean {
    return true;
  }

  /** Connects, and comes back whenever it has to. */
  abstract start(): void;

  /** Pushes a message into the room. Called only while it is in the room. */
  async push(payload: object): Promise<PushOutcome> {
    const { stay } = this.record;
    if (stay === undefined) return "unanswered";
    const reply = await Promise.race([this.ask(payload), stay.over]);
    if (reply === undefined) return "unanswered";
    const { offset, code } = Object(reply.response);
    if (reply.status !== "ok") return { refused: String(code ?? reply.status) };
    this.saw(offset);
    return "taken";
  }

  /** Sends a message, and resolves with its reply, if ever. */
  protected abstract ask(payload: object): Promise<CrowdReply>;

  /** The port of the next attempt to connect. */
  protected nextPort(): number {
    const { ports } = this.seat;
    const port = ports[this.#attempts % ports.length] ?? 0;
    this.attempt = { port, ms: performance.now() };
    this.#attempts += 1;
    return port;
  }

  /** An address with the port of the next attempt. */
  protected nextAddress(address: string): string {
    return address.replace(/:\d+\//, `:${this.nextPort()}/`);
  }

  /** What a join says. */
  protected joinParams(): object {
    return { token: this.seat.token, ...this.#position };
  }

  /** Takes the reply to a join. */
  protected joined({ status, response }: CrowdReply): void {
    if (status !== "ok") {
      this.record.problems.push(`not let in: ${JSON.stringify(response)}`);
      return;
    }
    const { epoch, offset, recovered } = Object(response);
    if (recovered === false) this.record.problems.push("history lost");
    if (epoch !== undefined && recovered !== true) this.#position = { epoch, since: offset };
    this.record.joined(this.attempt);
  }

  /** Takes a message, with what comes beside its payload. */
  protected told(payload: unknown, offset: unknown): void {
    this.saw(offset);
    this.record.told(payload);
  }

  /** Notes that the member has a message of the log, and so all before it. */
  protected saw(offset: unknown): void {
    if (this.#position === undefined || typeof offset !== "number") return;
    const since = Math.max(this.#position.since, offset);
    this.#position = { ...this.#position, since };
  }
}
