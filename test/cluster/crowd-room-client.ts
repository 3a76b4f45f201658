import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { systemClock } from "../../client-shim/clock.ts";
import { Channel } from "../../client-shim/index.ts";
import { CrowdMember, type CrowdReply, RETRY_MS } from "./crowd-member.ts";

/** Makes the waits of one attempt after another short, so that no round waits for them. */
const HURRY = -0.98;

/** A member with this project's room client, which comes back, joins and recovers by itself. */
export class CrowdRoomClientMember extends CrowdMember {
  #channel: Channel | undefined;

  override start(): void {
    const { room, token } = this.seat;
    const channel = new Channel("ws://127.0.0.1:0/ws", {
      WebSocket: this.#socketClass(),
      autoReconnect: true,
      reconnectDelay: RETRY_MS / 1000,
      clock: { ...systemClock, random: () => HURRY },
    });
    this.#channel = channel;
    onTestFinished(() => channel.close());
    channel.onClose(() => this.record.left());
    channel.onError(({ code, message }) => {
      if (code !== "not_connected") this.record.problems.push(`${code}: ${message}`);
    });
    channel.onRoomMessage(room, (message, { event }) => {
      if (event === "message") this.told(message, undefined);
      if (event === "missed") this.record.interrupted();
    });
    const report = (error: unknown): unknown => this.record.problems.push(String(error));
    // The first attempt may fail; more follow.
    channel.connect().catch(() => channel.join(room, { token }).catch(report));
    channel.join(room, { token }).catch(report);
  }

  protected override ask(payload: object): Promise<CrowdReply> {
    const pushed = this.#channel?.push(this.seat.room, "message", payload);
    return Promise.resolve(pushed).then(
      (response) => ({ status: "ok", response }),
      // Without an answer: the end of the stay says so.
      ({ code }) =>
        code === "connection_lost"
          ? new Promise(() => {})
          : { status: "error", response: { code } },
    );
  }

  /** Goes to the next node, and hears the replies to joins, of which the client tells only the first. */
  #socketClass(): new (url: string) => WebSocket {
    const nextAddress = (url: string): string => this.nextAddress(url);
    const hear = (data: Buffer): void => {
      const { _re, status, response } = JSON.parse(data.toString());
      const isJoin = _re !== undefined && Object(response).id !== undefined;
      if (isJoin) this.joined({ status, response });
    };
    return class extends WebSocket {
      constructor(url: string) {
        super(nextAddress(url));
        this.on("message", hear);
      }
    };
  }
}
