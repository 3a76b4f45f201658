import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import type { StreamedEvent } from "./event-stream-parser.ts";

/** What an EventSource tells: an event, or what becomes of it. */
export type SourceTold = StreamedEvent | { readonly state: string };

const PROGRAM = `
const sources = new Map();
process.on("message", ({ id, url, names }) => {
  if (url === undefined) {
    sources.get(id)?.close();
    return;
  }
  const source = new EventSource(url);
  sources.set(id, source);
  const tell = (told) => process.send({ id, told });
  source.onopen = () => tell({ state: "open" });
  for (const name of names) {
    source.addEventListener(name, ({ type, data, lastEventId }) => {
      if (data !== undefined) tell({ type, data, lastEventId });
    });
  }
  source.onerror = () => tell({ state: source.readyState === 2 ? "closed" : "connecting" });
});
process.once("disconnect", () => process.exit());
`;

/** A process with real EventSources, which Node has behind a flag. It ends with the test. */
export class EventSourceProcess {
  readonly #child: ChildProcess;
  readonly #takers: ((told: SourceTold) => void)[] = [];

  constructor() {
    const flags = ["--experimental-eventsource", "--no-warnings", "-e", PROGRAM];
    this.#child = spawn(process.execPath, flags, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child.on("message", (message) => {
      const { id, told } = message as { readonly id: number; readonly told: SourceTold };
      this.#takers[id]?.(told);
    });
    onTestFinished(() => void this.#child.kill());
  }

  /**
   * Opens an EventSource, which comes back by itself.
   *
   * @param names the events that it listens to
   * @param take called with each event, and with each change of its state, in their order
   * @returns closes it
   */
  open(url: string, names: readonly string[], take: (told: SourceTold) => void): () => void {
    const id = this.#takers.push(take) - 1;
    this.#child.send({ id, url, names });
    return () => {
      if (this.#child.connected) this.#child.send({ id });
    };
  }
}
