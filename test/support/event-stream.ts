import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import { EventStreamParser, type StreamedEvent } from "./event-stream-parser.ts";
import { until, within } from "./until.ts";

/** How a stream is asked for. */
export interface FollowOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The query, with its question mark. */
  readonly query?: string;
}

/** Where a server is. */
type Place = { readonly url: string };

/** A bare client of `GET /rooms/<room>/events`, for what EventSource would hide. */
export class EventStreamClient {
  readonly response: IncomingMessage;
  readonly parser = new EventStreamParser();
  text = "";
  #isOver: "ended" | "broken" | undefined;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      this.text += text;
      this.parser.add(text);
    });
    response.on("error", () => {
      // Told by its close.
    });
    response.on("close", () => {
      this.#isOver = response.complete ? "ended" : "broken";
    });
  }

  /** The events, without the reply to the join. */
  get events(): readonly StreamedEvent[] {
    return this.parser.events.filter(({ type }) => type !== "phx_reply");
  }

  /** The events with their payloads as JSON says them. */
  get heard(): readonly (readonly [event: string, payload: unknown])[] {
    return this.events.map(({ type, data }) => [type, JSON.parse(data) as unknown] as const);
  }

  /** Waits for an event of a name. */
  hears(event: string): Promise<unknown> {
    return until(`to hear ${event}`, () => this.events.some(({ type }) => type === event));
  }

  /** Waits until the server has ended the stream, or it has broken. */
  ends(): Promise<"ended" | "broken"> {
    return until("the end of the stream", () => this.#isOver);
  }

  /** Hangs up. */
  close(): void {
    this.response.destroy();
  }
}

/** Asks for a room's events, to be refused. */
export function askForEvents(
  { url }: Place,
  room: string,
  { headers = {}, query = "" }: FollowOptions = {},
): Promise<Response> {
  return fetch(`${url}${eventsPath(room)}${query}`, { headers: { ...headers } });
}

/** Follows a room's events; the reply to the join has come. */
export async function followEvents(
  { url }: Place,
  room: string,
  { headers = {}, query = "" }: FollowOptions = {},
): Promise<EventStreamClient> {
  const request = get(`${url}${eventsPath(room)}${query}`, { agent: false, headers });
  onTestFinished(() => void request.destroy());
  const [response] = (await within("an answer", once(request, "response"))) as [IncomingMessage];
  const client = new EventStreamClient(response);
  if (response.statusCode !== 200) throw new Error(`refused: ${response.statusCode}`);
  await until("the reply to the join", () => client.parser.events.length > 0);
  return client;
}

/** Where a room's events are. */
export function eventsPath(room: string): string {
  return `/rooms/${encodeURIComponent(room)}/events`;
}
