import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type Closed, RawClient } from "./raw-client.ts";
import { until, within } from "./until.ts";

/** How a Tower client connects. */
export interface TowerClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** Sent with every request, if there is one. */
  readonly csrfToken?: string;
}

/** Groups by their keys, as they stand in a request. */
export type Groups = Readonly<Record<string, unknown>>;

/** A page of AWX: keeps the text of each frame, to the byte. */
export class TowerClient {
  readonly webSocket: WebSocket;
  /** The frames that have not been taken yet. */
  readonly frames: string[] = [];
  readonly closed: Promise<Closed>;
  readonly #csrfToken: string | undefined;

  constructor(webSocket: WebSocket, csrfToken: string | undefined) {
    this.webSocket = webSocket;
    this.#csrfToken = csrfToken;
    webSocket.on("message", (data: Buffer, isBinary) => {
      this.frames.push(isBinary ? `binary ${data.toString("hex")}` : data.toString());
    });
    this.closed = new RawClient(webSocket).closed;
  }

  /** Sends text as it is, bytes as a binary frame. */
  send(data: string | Uint8Array): void {
    this.webSocket.send(data);
  }

  /** Asks for groups, and does not wait. */
  ask(groups: Groups): void {
    const xrftoken = this.#csrfToken;
    this.send(JSON.stringify({ ...(xrftoken === undefined ? {} : { xrftoken }), groups }));
  }

  /** Takes the next frame. */
  async next(): Promise<string> {
    await until("a frame", () => this.frames.length > 0);
    return this.frames.shift() ?? "";
  }

  /** Asks for groups, takes every frame up to the reply, and gives it. */
  async groups(groups: Groups): Promise<GroupsReply> {
    this.ask(groups);
    for (;;) {
      const frame = await this.next();
      if (frame.startsWith('{"groups_current"')) return JSON.parse(frame) as GroupsReply;
    }
  }

  /** How the connection ends, within 5 s. */
  end(): Promise<Closed> {
    return within("the connection to end", this.closed);
  }
}

/** The reply to a good request. */
export interface GroupsReply {
  readonly groups_current: readonly string[];
  readonly groups_left: readonly string[];
  readonly groups_joined: readonly string[];
}

/** Connects; rejects with the HTTP status where the server refuses. */
export async function connectTower(
  url: string,
  { headers = {}, protocols = [], csrfToken }: TowerClientOptions = {},
): Promise<TowerClient> {
  const webSocket = new WebSocket(url, [...protocols], { headers: { ...headers } });
  const client = new TowerClient(webSocket, csrfToken);
  onTestFinished(() => webSocket.terminate());
  await new Promise<void>((resolve, reject) => {
    webSocket.on("open", resolve);
    webSocket.on("error", reject);
  });
  return client;
}

/** Connects and takes the first frame, which accepts the client. */
export async function openTower(
  url: string,
  options: TowerClientOptions = {},
): Promise<TowerClient> {
  const client = await connectTower(url, options);
  const frame = await client.next();
  if (!frame.startsWith('{"accept": true')) throw new Error(`not accepted: ${frame}`);
  return client;
}
