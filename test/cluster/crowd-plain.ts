import type { WebSocket } from "ws";
import type { CrowdReply } from "./crowd-member.ts";
import { CrowdSocketMember } from "./crowd-socket.ts";

const JOIN_ID = "join";

/** A member without any library. */
export class CrowdPlainMember extends CrowdSocketMember {
  readonly #replies = new Map<unknown, (reply: CrowdReply) => void>();
  #ids = 0;

  protected override connect(): WebSocket {
    const socket = this.openSocket("ws");
    socket.on("open", () => this.#join());
    socket.on("message", (data: Buffer) => this.#receive(JSON.parse(data.toString())));
    return socket;
  }

  protected override ask(payload: object): Promise<CrowdReply> {
    this.#ids += 1;
    const id = this.#ids;
    this.send({ ...payload, _room: this.seat.room, _id: id });
    return new Promise((resolve) => this.#replies.set(id, resolve));
  }

  #join(): void {
    this.send({ type: "_join", room: this.seat.room, ...this.joinParams(), _id: JOIN_ID });
  }

  #receive(frame: Record<string, unknown>): void {
    const { _re, _event = "message", _offset, ...rest } = frame;
    if (_re === JOIN_ID) this.joined(rest as unknown as CrowdReply);
    else if (_re !== undefined) this.#reply(_re, rest as unknown as CrowdReply);
    else if (_event === "message" && rest["type"] !== "_error") this.told(rest, _offset);
    else if (_event === "missed") this.record.interrupted();
    else this.record.problems.push(JSON.stringify(frame));
  }

  #reply(id: unknown, reply: CrowdReply): void {
    this.#replies.get(id)?.(reply);
    this.#replies.delete(id);
  }
}
