import { Agent, request } from "node:http";
import { onTestFinished } from "vitest";
import { until } from "../support/until.ts";

type Frame = readonly [unknown, unknown, unknown, string, unknown];

interface Answer {
  readonly status: number;
  readonly token?: string;
  readonly messages?: readonly string[];
}

/** A member of `lobby` over Phoenix's long-polling that has an IP address of its own. */
export class PollingMember {
  /** The payloads of the event `tick`, in order. */
  readonly ticks: unknown[] = [];
  /** The statuses of all answers since it has joined. */
  readonly statuses = new Set<number>();
  readonly #url: string;
  readonly #agent: Agent;
  #token = "";
  #isJoined: boolean = false;
  /** Why it asks no more. */
  #failure: unknown;

  private constructor(url: string, address: string) {
    this.#url = `${url}/socket/longpoll?vsn=2.0.0`;
    this.#agent = new Agent({ localAddress: address, keepAlive: true });
  }

  /** @param address one of this machine, such as 127.0.0.2 */
  static async join(url: string, address: string): Promise<PollingMember> {
    const member = new PollingMember(url, address);
    onTestFinished(() => member.#agent.destroy());
    const { token } = await member.#ask("GET");
    if (token === undefined) throw new Error("not opened");
    member.#token = token;
    await member.#ask("POST", ["1", "1", "lobby", "phx_join", {}]);
    void member.#poll().catch((error: unknown) => {
      // At the end of the test too, when nobody looks any more.
      member.#failure = error;
    });
    await until("the join's reply", () => {
      if (member.#failure !== undefined) throw member.#failure;
      return member.#isJoined;
    });
    return member;
  }

  /** Sends `tick` into the room; resolves with the status of the answer. */
  async tick(payload: object): Promise<number> {
    const { status } = await this.#ask("POST", ["1", "2", "lobby", "tick", payload]);
    return status;
  }

  async #poll(): Promise<void> {
    for (;;) {
      const { status, messages = [] } = await this.#ask("GET");
      this.statuses.add(status);
      if (status === 410) throw new Error("the session is gone");
      for (const message of messages) this.#take(JSON.parse(message) as Frame);
    }
  }

  #take([, , , event, payload]: Frame): void {
    if (event === "phx_reply") this.#isJoined = true;
    if (event === "tick") this.ticks.push(payload);
  }

  #ask(method: "GET" | "POST", frame?: Frame): Promise<Answer> {
    const url = `${this.#url}&token=${encodeURIComponent(this.#token)}`;
    const headers = { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const asking = request(url, { method, agent: this.#agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as Answer);
          else reject(new Error(`HTTP ${response.statusCode}`));
        });
      });
      asking.on("error", reject);
      asking.end(frame && JSON.stringify(frame));
    });
  }
}
