import { type Channel, LongPoll, Presence } from "phoenix";
import { WebSocket } from "ws";
import type { PresenceDiff } from "../../server/rooms/presence.ts";
import { connectPhoenix } from "../support/phoenix-client.ts";
import { phoenixV1 } from "../support/phoenix-v1.ts";
import { CrowdMember, type CrowdReply, RETRY_MS, type Seat } from "./crowd-member.ts";

/** How phoenix.js speaks: over a WebSocket in V2 or V1, or by long-polling. */
export type PhoenixWire = "V2" | "V1" | "long-polling";

/** A member with phoenix.js, which comes back and joins by itself, and keeps who is present. */
export class CrowdPhoenixMember extends CrowdMember {
  readonly #wire: PhoenixWire;
  #channel: Channel | undefined;
  #presence: Presence | undefined;
  /** Whether each presence that a diff of this stay has told of is there. */
  readonly #told = new Map<string, boolean>();
  /** What diffs have told, a line for each presence: `+ann` or `-ann`. */
  readonly changes: string[] = [];

  constructor(seat: Seat, wire: PhoenixWire) {
    super(seat);
    this.#wire = wire;
  }

  override start(): void {
    const nextAddress = (url: string): string => this.nextAddress(url);
    // Where a load balancer would choose a node.
    class NextSocket extends WebSocket {
      constructor(url: string) {
        super(nextAddress(url));
      }
    }
    class NextPoll extends LongPoll {
      constructor(url: string) {
        super(nextAddress(url));
      }
    }
    const socket = connectPhoenix("ws://127.0.0.1:0/socket", {
      ...(this.#wire === "V1" && phoenixV1),
      transport: this.#wire === "long-polling" ? NextPoll : NextSocket,
      reconnectAfterMs: () => RETRY_MS,
      rejoinAfterMs: () => RETRY_MS,
    });
    const channel = socket.channel(this.seat.room, () => this.joinParams());
    this.#channel = channel;
    this.#presence = new Presence(channel);
    channel.onError((reason: unknown) => {
      if (Object(reason).code === "messages_missed") this.record.interrupted();
      this.record.left();
    });
    channel.onClose(() => this.record.left());
    channel.on("message", ({ _offset, ...payload }) => this.told(payload, _offset));
    channel.on("presence_diff", (diff: PresenceDiff) => this.#check(diff));
    const joining = channel.join();
    for (const status of ["ok", "error"] as const) {
      joining.receive(status, (response: unknown) => {
        this.#told.clear();
        this.joined({ status, response });
      });
    }
  }

  /** The keys of all whom it sees, each as often as it is there. */
  get view(): string[] {
    const keys = this.#presence?.list((key: string, { metas }: { metas: object[] }) =>
      metas.map(() => key),
    );
    return (keys ?? []).flat().sort();
  }

  protected override ask(payload: object): Promise<CrowdReply> {
    return new Promise((resolve) => {
      const push = this.#channel?.push("message", payload, 60_000);
      for (const status of ["ok", "error"] as const) {
        push?.receive(status, (response: unknown) => resolve({ status, response }));
      }
    });
  }

  #check({ joins, leaves }: PresenceDiff): void {
    this.#note(joins, true);
    this.#note(leaves, false);
  }

  #note(presences: PresenceDiff["joins"], isThere: boolean): void {
    const sign = isThere ? "+" : "-";
    for (const [key, { metas }] of Object.entries(presences)) {
      for (const { phx_ref: ref } of metas) {
        if (this.#told.get(ref) === isThere) this.record.problems.push(`told twice: ${sign}${key}`);
        this.#told.set(ref, isThere);
        this.changes.push(`${sign}${key}`);
      }
    }
  }
}
