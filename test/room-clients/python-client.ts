import type { Failure, Heard, OpenOptions, RoomClient } from "./room-client.ts";

/** Hands a request, as JSON, to Python, and resolves with the answer's JSON. */
export type AskPython = (request: string) => Promise<string>;

/** An error that a Python channel raised. */
class PythonFailure extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor({ name, message, code }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

type Answer = { readonly value?: unknown; readonly error?: Failure };

let lastNumber = 0;

/** Asks for one thing of one channel. Rejects with what Python raised. */
async function askFor(
  ask: AskPython,
  client: string,
  op: string,
  args: readonly unknown[],
): Promise<unknown> {
  lastNumber += 1;
  const request = { n: lastNumber, client, op, args: args.map(toWire) };
  const answer = JSON.parse(await ask(JSON.stringify(request))) as Answer;
  if (answer.error !== undefined) throw new PythonFailure(answer.error);
  return fromWire(answer.value);
}

/** A channel in Python, wherever that runs. */
export class PythonClient implements RoomClient {
  readonly #ask: (op: string, ...args: readonly unknown[]) => Promise<unknown>;
  readonly #release: () => Promise<void>;
  readonly #lists = new Map<string, unknown[]>();
  #stopping: Promise<void> | undefined;

  /** @param release is called once, after the channel was closed */
  constructor(ask: AskPython, name: string, release: () => Promise<void>) {
    this.#ask = (op, ...args) => askFor(ask, name, op, args);
    this.#release = release;
  }

  async open(serverWsUrl: string, options: OpenOptions = {}): Promise<this> {
    const url = new URL(serverWsUrl);
    if (url.pathname === "/") url.pathname = "/ws";
    await this.#ask("open", url.href, {
      auto_reconnect: options.autoReconnect ?? false,
      reconnect_delay: options.reconnectDelay ?? 1,
      max_reconnect_attempts: options.maxReconnectAttempts ?? null,
    });
    return this;
  }

  async connect(): Promise<void> {
    await this.#ask("connect");
  }

  async close(): Promise<void> {
    await this.#ask("close");
  }

  join(room: string, params?: object): Promise<unknown> {
    return params === undefined ? this.#ask("join", room) : this.#ask("join", room, params);
  }

  async leave(room: string): Promise<void> {
    await this.#ask("leave", room);
  }

  async send(message: unknown, room?: string): Promise<void> {
    await this.#ask("send", message, room ?? null);
  }

  push(room: string, event: string, payload: unknown): Promise<unknown> {
    return this.#ask("push", room, event, payload);
  }

  async rooms(): Promise<readonly string[]> {
    return (await this.#ask("rooms")) as string[];
  }

  async state(): Promise<string> {
    return String(await this.#ask("state"));
  }

  async listen(room: string): Promise<void> {
    await this.#ask("listen", room);
  }

  async heard(): Promise<readonly Heard[]> {
    return (await this.#all("heard")).map((each) => {
      const { via, room, event, message } = each as Omit<Heard, "room"> & { room: string | null };
      return { via, room: room ?? undefined, event, message: fromWire(message) };
    });
  }

  async errors(): Promise<readonly Failure[]> {
    return (await this.#all("errors")).map((each) => {
      const { name, message, code } = each as Omit<Failure, "code"> & { code: string | null };
      return { name, message, code: code ?? undefined };
    });
  }

  async closes(): Promise<readonly number[]> {
    return (await this.#all("closes")) as number[];
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    try {
      await this.#ask("stop");
    } finally {
      await this.#release();
    }
  }

  /** A list that only grows: what is known of it already is not asked for again. */
  async #all(op: string): Promise<readonly unknown[]> {
    const known = this.#lists.get(op) ?? [];
    const start = known.length;
    const fresh = (await this.#ask(op, start)) as unknown[];
    const all = [...known, ...fresh];
    if ((this.#lists.get(op)?.length ?? 0) < all.length) this.#lists.set(op, all);
    return all;
  }
}

function toWire(value: unknown): unknown {
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString("base64") } : value;
}

function fromWire(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  return new Uint8Array(Buffer.from(String(value.$bytes), "base64"));
}
