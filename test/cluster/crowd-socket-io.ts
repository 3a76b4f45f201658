import { io, type Socket } from "socket.io-client";
import { onTestFinished } from "vitest";
import { CrowdMember, type CrowdReply, RETRY_MS, type Seat } from "./crowd-member.ts";

/** A member with socket.io-client, which reconnects by itself and joins as its application says. */
export class CrowdSocketIoMember extends CrowdMember {
  readonly #transport: "websocket" | "polling";
  #socket: Socket | undefined;

  constructor(seat: Seat, transport: "websocket" | "polling") {
    super(seat);
    this.#transport = transport;
  }

  override start(): void {
    const socket = io(this.#nextUri(), {
      transports: [this.#transport],
      forceNew: true,
      reconnectionDelay: RETRY_MS,
      reconnectionDelayMax: 2 * RETRY_MS,
    });
    this.#socket = socket;
    onTestFinished(() => void socket.disconnect());
    // Where a load balancer would choose a node.
    socket.io.on("reconnect_attempt", () => Object.assign(socket.io, { uri: this.#nextUri() }));
    socket.on("connect", () => this.#join(socket));
    socket.on("disconnect", (reason) => {
      this.record.left();
      if (!socket.active) this.record.problems.push(`not to come back: ${reason}`);
    });
    socket.on("missed", () => this.record.interrupted());
    for (const end of ["phx_error", "phx_close"]) {
      socket.on(end, (reason: unknown) => {
        this.record.problems.push(`${end}: ${JSON.stringify(reason)}`);
      });
    }
    socket.on("message", (payload: unknown, meta: { readonly offset?: number }) =>
      this.told(payload, meta.offset),
    );
  }

  protected override async ask(payload: object): Promise<CrowdReply> {
    const { room } = this.seat;
    return new Promise((resolve) => this.#socket?.emit("push", room, "message", payload, resolve));
  }

  #join(socket: Socket): void {
    socket.emit("join", this.seat.room, this.joinParams(), (reply: CrowdReply) =>
      this.joined(reply),
    );
  }

  #nextUri(): string {
    return `http://127.0.0.1:${this.nextPort()}`;
  }
}
