import { EventSourceProcess } from "./event-source-process.ts";
import type { StreamedEvent } from "./event-stream-parser.ts";
import { until } from "./until.ts";

/** A real EventSource. */
export interface RealEventSource {
  readonly events: readonly StreamedEvent[];
  /** What became of it: `open`, `connecting` when it is about to come back, `closed` for good. */
  readonly states: readonly string[];
  /** What a page does that leaves. */
  close(): void;
}

/**
 * Opens an EventSource, which comes back by itself; it is closed when the test ends.
 *
 * @param names the events that it listens to
 * @param take called with each event
 * @param sources where it lives; default: a process of its own
 */
export async function openEventSource(
  url: string,
  names: readonly string[],
  take: (event: StreamedEvent) => void = () => {},
  sources = new EventSourceProcess(),
): Promise<RealEventSource> {
  const events: StreamedEvent[] = [];
  const states: string[] = [];
  const close = sources.open(url, names, (told) => {
    if ("state" in told) states.push(told.state);
    else {
      events.push(told);
      take(told);
    }
  });
  await until("the EventSource to be open, or refused", () => states.length > 0, 10_000);
  return { events, states, close };
}
