import type { EventSourceProcess, SourceTold } from "../support/event-source-process.ts";
import { eventsPath } from "../support/event-stream.ts";
import type { StreamedEvent } from "../support/event-stream-parser.ts";
import { startBalancer } from "./crowd-balancer.ts";
import { CrowdMember, type CrowdReply, type Seat } from "./crowd-member.ts";

const EVENTS = ["phx_reply", "message", "missed", "phx_error", "phx_close", "phx_undeliverable"];

/** A page with EventSource, which only listens, and says by itself what it had last. */
export class CrowdEventSourceMember extends CrowdMember {
  readonly #process: EventSourceProcess;
  #isHistoryLost: boolean = false;

  constructor(seat: Seat, eventSources: EventSourceProcess) {
    super(seat);
    this.#process = eventSources;
  }

  override start(): void {
    // EventSource comes back to the address that it was given.
    startBalancer(() => this.nextPort())
      .then((address) => {
        const query = new URLSearchParams({ token: this.seat.token });
        const url = `${address}${eventsPath(this.seat.room)}?${query}`;
        this.#process.open(url, EVENTS, (told) => this.#take(told));
      })
      .catch((error: unknown) => this.record.problems.push(String(error)));
  }

  protected override ask(): Promise<CrowdReply> {
    throw new Error("EventSource does not push");
  }

  #take(told: SourceTold): void {
    if (!("state" in told)) {
      this.#hear(told);
      return;
    }
    if (told.state === "closed") this.record.problems.push("not to come back");
    if (told.state !== "open") this.record.left();
  }

  #hear({ type, data }: StreamedEvent): void {
    const payload = JSON.parse(data);
    if (this.#isHistoryLost && type !== "missed") this.record.problems.push("not told of its loss");
    if (type === "phx_reply") this.#enter(payload);
    else if (type === "message") this.told(payload, undefined);
    else if (type === "missed") this.#miss();
    else if (type === "phx_error") this.#end(String(payload.code));
    else this.record.problems.push(`${type}: ${data}`);
  }

  #enter(reply: CrowdReply): void {
    this.#isHistoryLost = Object(reply.response).recovered === false;
    this.joined(reply);
  }

  /** After a reply that has said so, this is no further loss. */
  #miss(): void {
    if (this.#isHistoryLost) this.#isHistoryLost = false;
    else this.record.interrupted();
  }

  /** The last event of a stream, be it of one that only says to come back later. */
  #end(code: string): void {
    if (code === "messages_missed") this.record.interrupted();
    else if (code !== "restart") this.record.problems.push(code);
    this.record.left();
  }
}
