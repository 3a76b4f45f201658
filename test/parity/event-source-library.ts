import { openEventSource, type RealEventSource } from "../support/event-source.ts";
import { eventsPath } from "../support/event-stream.ts";
import type { StreamedEvent } from "../support/event-stream-parser.ts";
import { until } from "../support/until.ts";
import type { Heard, Library } from "./library.ts";

/** EventSource hears only what it was told to listen to. */
const EVENTS = [
  "phx_reply",
  "said",
  "told",
  "missed",
  "presence_state",
  "presence_diff",
  "phx_undeliverable",
];

/** A page with EventSource, which only listens. Of a refusal it learns by asking once more. */
export async function useEventSource(port: number, token?: string): Promise<Library> {
  const query = new URLSearchParams({ presence: "1", ...(token !== undefined && { token }) });
  const heard: Heard[] = [];
  let source: RealEventSource | undefined;
  const take = ({ type, data }: StreamedEvent): void => {
    if (type !== "phx_reply") heard.push([type, JSON.parse(data)]);
  };
  return {
    heard,
    push: undefined,
    comeBack: undefined,
    get isConnected() {
      return source?.states.at(-1) === "open";
    },
    join: async (room) => {
      const url = `http://127.0.0.1:${port}${eventsPath(room)}?${query}`;
      const opened = await openEventSource(url, EVENTS, take);
      if (opened.states.at(-1) === "closed") {
        return { status: "error", response: await (await fetch(url)).json() };
      }
      source = opened;
      const reply = await until("the reply", () => opened.events[0]?.data);
      return JSON.parse(reply);
    },
    leave: async () => {
      source?.close();
      return { status: "ok", response: {} };
    },
  };
}
