import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { CrowdMember, RETRY_MS } from "./crowd-member.ts";

/** A member with a bare WebSocket, which it opens anew whenever it is closed. */
export abstract class CrowdSocketMember extends CrowdMember {
  #socket: WebSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isOver: boolean = false;

  override start(): void {
    this.#open();
    onTestFinished(() => {
      this.#isOver = true;
      clearTimeout(this.#retry);
      this.#socket?.terminate();
    });
  }

  /** Makes the next connection. */
  protected abstract connect(): WebSocket;

  /** Opens a WebSocket at the next node, which may refuse it or be away. */
  protected openSocket(path: string): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${this.nextPort()}/${path}`);
  }

  /** Sends JSON over the present connection. */
  protected send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #open(): void {
    const socket = this.connect();
    this.#socket = socket;
    // Each error is followed by the close.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.record.left();
      if (!this.#isOver) this.#retry = setTimeout(() => this.#open(), RETRY_MS);
    });
  }
}
