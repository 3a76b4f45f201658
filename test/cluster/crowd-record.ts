/** A point in the test's own time. What comes later has the higher order. */
export interface Moment {
  readonly order: number;
  /** For lengths of time only: two moments may have the same. */
  readonly ms: number;
}

let order = 0;

/** The present. No two calls give the same order. */
export function moment(): Moment {
  order += 1;
  return { order, ms: performance.now() };
}

/** A message that was heard: who sent it, and its number. */
export interface Heard {
  readonly sender: string;
  readonly n: number;
}

/** The text that carries a message's sender and number. */
export function textOf({ sender, n }: Heard): string {
  return `${sender}#${n}`;
}

/** A member's attempt to connect. */
export interface Attempt {
  /** The port of the node that it asked. */
  readonly port: number;
  /** When. */
  readonly ms: number;
}

/** One stretch of time in which a member was in its room. */
export class Stay {
  /** The attempt that has led to it, at the node that let the member in. */
  readonly attempt: Attempt;
  readonly from: Moment = moment();
  readonly heard: Heard[] = [];
  /** Whether the server has said that something may have been missed, for want of Redis. */
  wasInterrupted: boolean = false;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  #until: Moment | undefined;
  #end: () => void = () => {};

  constructor(attempt: Attempt) {
    this.attempt = attempt;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** When it ended, if it has. */
  get until(): Moment | undefined {
    return this.#until;
  }

  /** Ends it. Harmless when repeated. */
  end(): void {
    this.#until ??= moment();
    this.#end();
  }
}

/** What became of one member: when it was in its room, and what it heard there. */
export class CrowdRecord {
  readonly stays: Stay[] = [];
  /** What should not have happened. */
  readonly problems: string[] = [];
  #interruptions = 0;

  /** How often it was told that it may have missed something. */
  get interruptions(): number {
    return this.#interruptions;
  }

  /** The stay that goes on now. */
  get stay(): Stay | undefined {
    const last = this.stays.at(-1);
    return last?.until === undefined ? last : undefined;
  }

  /** All that was heard, in its order. */
  get heard(): readonly Heard[] {
    return this.stays.flatMap(({ heard }) => heard);
  }

  /** The room has let the member in. */
  joined(attempt: Attempt): void {
    if (this.stay !== undefined) this.problems.push("joined twice");
    this.stay?.end();
    this.stays.push(new Stay(attempt));
  }

  /** The member is in the room no more. Harmless when repeated. */
  left(): void {
    this.stay?.end();
  }

  /** The member was told that it may have missed something. */
  interrupted(): void {
    this.#interruptions += 1;
    if (this.stay === undefined) this.problems.push("interrupted outside of the room");
    else this.stay.wasInterrupted = true;
  }

  /** The member was told a message. */
  told(payload: unknown): void {
    const text = Object(payload)["text"];
    const [, sender, digits] = /^(.+)#(\d+)$/.exec(String(text)) ?? [];
    if (sender === undefined) this.problems.push(`told ${JSON.stringify(payload)}`);
    else if (this.stay === undefined) this.problems.push(`told ${text} outside of the room`);
    else this.stay.heard.push({ sender, n: Number(digits) });
  }
}
