import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { StreamedEvent } from "./event-stream-parser.ts";
import { until } from "./until.ts";

/** Runs in a process of its own: Node has EventSource behind a flag. */
const PROGRAM = `
const [url, ...names] = process.argv.slice(1);
const source = new EventSource(url);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
source.onopen = () => tell({ state: "open" });
for (const name of names) {
  source.addEventListener(name, ({ type, data, lastEventId }) => {
    if (data !== undefined) tell({ type, data, lastEventId });
  });
}
source.onerror = () => tell({ state: source.readyState === 2 ? "closed" : "connecting" });
process.stdin.once("data", () => { source.close(); process.exit(); });
`;

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
 */
export async function openEventSource(
  url: string,
  names: readonly string[],
  take: (event: StreamedEvent) => void = () => {},
): Promise<RealEventSource> {
  const flags = ["--experimental-eventsource", "--no-warnings", "-e", PROGRAM];
  const child = spawn(process.execPath, [...flags, "--", url, ...names]);
  onTestFinished(() => void child.kill());
  const events: StreamedEvent[] = [];
  const states: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line) as StreamedEvent | { readonly state: string };
    if ("state" in told) states.push(told.state);
    else {
      events.push(told);
      take(told);
    }
  });
  await until("the EventSource to be open, or refused", () => states.length > 0, 10_000);
  return { events, states, close: () => void child.stdin.write("close\n") };
}
