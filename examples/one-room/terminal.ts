const MAX_LINES = 200;

/** What a program beside the page prints, and a way to make it say something. */
export class Terminal {
  readonly #say: (text: string) => Promise<void>;
  readonly #lines: string[] = [];
  readonly #followers = new Set<(line: string) => void>();

  /** @param say makes the program send a message into the room */
  constructor(say: (text: string) => Promise<void>) {
    this.#say = say;
  }

  /** Makes the program send a message into the room. */
  say(text: string): Promise<void> {
    return this.#say(text);
  }

  /** Takes a line that the program has printed. */
  print(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    for (const tell of this.#followers) tell(line);
  }

  /** Tells the lines that there are, and then each new one, until the returned function is called. */
  follow(tell: (line: string) => void): () => void {
    for (const line of this.#lines) tell(line);
    this.#followers.add(tell);
    return () => void this.#followers.delete(tell);
  }
}
