import { Agent, type IncomingMessage, request } from "node:http";

const LINES = "application/x-ndjson";

/** One client that long-polls, on TCP connections that it keeps. It counts messages, and no more. */
export class Poller {
  /** Told how many messages have come, each time that some have. */
  onMessages: (count: number) => void = () => {};
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  #path = "/socket/longpoll?vsn=2.0.0";
  #isCut: boolean = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** Opens a session, joins a room and asks for messages from then on. */
  async join(room: string): Promise<void> {
    const opened = await this.#ask("GET");
    this.#path += `&token=${Reflect.get(opened, "token")}`;
    await this.#ask("POST", JSON.stringify(["1", "1", room, "phx_join", {}]));
    if ((await this.#poll()) !== 1) throw new Error("a server did not answer a join");
    void this.#pollOn();
  }

  /** Cuts the connections. */
  cut(): void {
    this.#isCut = true;
    this.#agent.destroy();
  }

  async #pollOn(): Promise<void> {
    while (!this.#isCut) {
      try {
        const count = await this.#poll();
        if (count > 0) this.onMessages(count);
      } catch (error) {
        if (!this.#isCut) throw error;
      }
    }
  }

  async #poll(): Promise<number> {
    const messages: unknown = Reflect.get(await this.#ask("GET"), "messages");
    return Array.isArray(messages) ? messages.length : 0;
  }

  async #ask(method: "GET" | "POST", body = ""): Promise<object> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({
        host: "127.0.0.1",
        port: this.#port,
        path: this.#path,
        method,
        agent: this.#agent,
        headers: method === "POST" ? { "content-type": LINES } : {},
      });
      sent.on("response", resolve).on("error", reject).end(body);
    });
    let text = "";
    for await (const chunk of answer.setEncoding("utf8")) text += chunk;
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) throw new Error(`a server said ${text}`);
    return parsed;
  }
}

/** Connects `count` pollers, a few at a time, and resolves when all have joined. */
export async function connectPollers(port: number, count: number, room: string): Promise<Poller[]> {
  const pollers: Poller[] = [];
  const connectNext = async (): Promise<void> => {
    while (pollers.length < count) {
      const poller = new Poller(port);
      pollers.push(poller);
      await poller.join(room);
    }
  };
  await Promise.all(Array.from({ length: 20 }, connectNext));
  return pollers;
}
