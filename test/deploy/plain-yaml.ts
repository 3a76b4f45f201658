/** What plain YAML can say. */
export type Yaml = string | number | boolean | readonly Yaml[] | YamlMap;
/** A mapping by its keys. */
export type YamlMap = ReadonlyMap<string, Yaml>;

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

const KEY = /^([A-Za-z][A-Za-z0-9._/-]*):(?: (.*))?$/;
/** Characters that begin, or are part of, what is not read here: flows, anchors, tags, aliases. */
const NOT_PLAIN = /^[[{&*!|>'%@`,?#]|: | #|^$/;

/**
 * Reads documents of the part of YAML that needs no explanation: block mappings and sequences,
 * plain and double-quoted scalars, and literal blocks. What it reads, every reader of YAML reads
 * alike.
 *
 * @throws Error at anything else
 */
export function readPlainYaml(text: string): YamlMap[] {
  return text.split(/^---\n/m).map((document) => {
    const reader = new Reader(document);
    const value = reader.value(0);
    if (!(value instanceof Map)) throw new Error("a document must be a mapping");
    reader.end();
    return value as YamlMap;
  });
}

class Reader {
  readonly #lines: readonly string[];
  #at = 0;
  /** What follows a dash on its line, as if it were a line of its own. */
  #rest: Line | undefined;

  constructor(document: string) {
    this.#lines = document.split("\n");
  }

  value(indent: number): Yaml {
    const line = this.#peek();
    if (line?.indent !== indent) throw this.#problem("a value expected");
    return line.text.startsWith("- ") ? this.#sequence(indent) : this.#mapping(indent);
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#problem("not expected");
  }

  #sequence(indent: number): Yaml {
    const items: Yaml[] = [];
    for (;;) {
      const line = this.#peek();
      if (line?.indent !== indent || !line.text.startsWith("- ")) return items;
      this.#next();
      const text = line.text.slice(2);
      if (KEY.test(text)) {
        this.#rest = { ...line, indent: indent + 2, text };
        items.push(this.#mapping(indent + 2));
      } else {
        items.push(this.#scalar(text));
      }
    }
  }

  #mapping(indent: number): YamlMap {
    const entries = new Map<string, Yaml>();
    for (;;) {
      const line = this.#peek();
      if (line?.indent !== indent || line.text.startsWith("- ")) return entries;
      const [, key, text] = KEY.exec(line.text) ?? [];
      if (key === undefined) throw this.#problem("a key expected");
      if (entries.has(key)) throw this.#problem(`a second ${key}`);
      this.#next();
      entries.set(key, this.#valueOf(text, indent));
    }
  }

  #valueOf(text: string | undefined, indent: number): Yaml {
    if (text === "|") return this.#literal(indent + 2);
    if (text !== undefined) return this.#scalar(text);
    return this.value(indent + 2);
  }

  #literal(indent: number): string {
    let text = "";
    for (;;) {
      const line = this.#lines[this.#at];
      const isInside = line?.startsWith(" ".repeat(indent)) === true;
      if (line === undefined || (!isInside && line !== "")) return `${text.trimEnd()}\n`;
      text += `${line.slice(indent)}\n`;
      this.#at += 1;
    }
  }

  #scalar(text: string): Yaml {
    if (text.startsWith('"')) return JSON.parse(text) as string;
    if (NOT_PLAIN.test(text)) throw this.#problem("no plain scalar");
    if (/^-?\d+$/.test(text)) return Number(text);
    if (text === "true" || text === "false") return text === "true";
    // Some readers take these for something else than text.
    const isNumberLike = /^[-+.]?\d/.test(text) && !/^[1-9]\d*[A-Za-z]+$/.test(text);
    if (isNumberLike || /^(?:~|null|yes|no|y|n|on|off)$/i.test(text)) {
      throw this.#problem("needs quotes");
    }
    return text;
  }

  #peek(): Line | undefined {
    if (this.#rest !== undefined) return this.#rest;
    for (;;) {
      const raw = this.#lines[this.#at];
      if (raw === undefined) return undefined;
      const text = raw.trimStart();
      const indent = raw.length - text.length;
      if (text !== "" && !text.startsWith("#")) return { number: this.#at + 1, indent, text };
      this.#at += 1;
    }
  }

  #next(): void {
    if (this.#rest === undefined) this.#at += 1;
    this.#rest = undefined;
  }

  #problem(what: string): Error {
    return new Error(`line ${this.#at + 1} of a document: ${what}: ${this.#lines[this.#at]}`);
  }
}
