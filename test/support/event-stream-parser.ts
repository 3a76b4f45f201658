/** An event, as EventSource dispatches it. */
export interface StreamedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** Reads an event stream as the HTML standard says, in pieces of any size. */
export class EventStreamParser {
  readonly events: StreamedEvent[] = [];
  readonly comments: string[] = [];
  /** What EventSource would send as `Last-Event-ID`. */
  lastEventId = "";
  retryMs: number | undefined;
  #rest = "";
  #isFirst: boolean = true;
  #id = "";
  #type = "";
  #data: string[] = [];

  /** Takes the next piece of decoded text. */
  add(text: string): void {
    let all = this.#rest + text;
    if (this.#isFirst && all.length > 0) {
      this.#isFirst = false;
      all = all.replace(/^\uFEFF/, "");
    }
    for (;;) {
      // A carriage return at the end may be the first half of a line break.
      const end = /\r\n|\n|\r(?!$)/.exec(all);
      if (end === null) break;
      this.#line(all.slice(0, end.index));
      all = all.slice(end.index + end[0].length);
    }
    this.#rest = all;
  }

  #line(line: string): void {
    if (line === "") this.#dispatch();
    else if (line.startsWith(":")) this.comments.push(line.slice(1).trim());
    else this.#field(line);
  }

  #field(line: string): void {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#type = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    this.lastEventId = this.#id;
    const type = this.#type === "" ? "message" : this.#type;
    const data = this.#data;
    this.#type = "";
    this.#data = [];
    if (data.length === 0) return;
    this.events.push({ type, data: data.join("\n"), lastEventId: this.lastEventId });
  }
}
