import type { WebSocket } from "ws";
import type { CrowdReply } from "./crowd-member.ts";
import { CrowdSocketMember } from "./crowd-socket.ts";

/** A page of AWX, which hears and says nothing. */
export class CrowdTowerMember extends CrowdSocketMember {
  override get recovers(): boolean {
    return false;
  }

  protected override connect(): WebSocket {
    const { room, token } = this.seat;
    const [key = "", item = ""] = room.split("-");
    const socket = this.openSocket(`websocket/?token=${token}`);
    socket.on("message", (data: Buffer) => {
      const frame: unknown = JSON.parse(data.toString());
      const { accept, groups_current: groups, text, error } = Object(frame);
      if (accept === true) this.send({ groups: { [key]: [item] } });
      else if (text !== undefined) this.#hear(frame);
      else if (error === "messages may have been missed") this.record.interrupted();
      else if (Array.isArray(groups) && groups.includes(room)) this.#enter();
      else this.record.problems.push(data.toString());
    });
    return socket;
  }

  #hear(frame: unknown): void {
    // In a room with a log, the first event may come before the reply.
    this.#enter();
    this.told(frame, undefined);
  }

  #enter(): void {
    if (this.record.stay === undefined) this.record.joined(this.attempt);
  }

  protected override ask(): Promise<CrowdReply> {
    throw new Error("clients of this dialect do not push");
  }
}
